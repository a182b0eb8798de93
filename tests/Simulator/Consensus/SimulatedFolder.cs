using System.Globalization;
using Muster.Consensus.Storage;
using Muster.Contracts;

namespace Muster.Simulator;

/// <summary>
/// What a node's folder says of itself: made with an id of its own when it was empty, and counting its
/// starts. The logs in it are the groups' disks.
/// </summary>
/// <param name="founders">All of them; none for a node that waits to be added.</param>
internal sealed class SimulatedFolder(NodeId node, string diskId, IReadOnlyList<NodeId> founders)
    : IDiskRecord
{
    private readonly Dictionary<NodeId, string> _disks = [];
    private int _starts;

    public string DiskId => diskId;

    /// <summary>As the real one, without its chance.</summary>
    public string StartId => string.Create(CultureInfo.InvariantCulture, $"{_starts:x8}-00000000");

    public string SupersededBy { get; private set; } = "";

    public string LogId { get; private set; } = founders.Count == 1 ? NameOf(node, diskId, []) : "";

    public bool HasJoined => founders.Count == 0;

    public IReadOnlyDictionary<NodeId, string> ReadDisks() => _disks;

    public IReadOnlyList<NodeId> ReadFounders() => founders;

    public void Open() => _starts++;

    /// <summary>No folder is copied here, so that all that ran from it count up to the present one.</summary>
    public bool HasStarted(string startId) => string.CompareOrdinal(startId, StartId) <= 0;

    public void StoreSuperseded(string startId) => SupersededBy = startId;

    public void StoreDisk(NodeId other, string disk)
    {
        _disks.Add(other, disk);
        if (_disks.Count == founders.Count - 1) LogId = NameOf(node, diskId, _disks);
    }

    public void AdoptLog(string logId) => LogId = logId;

    /// <summary>
    /// Another folder with the same in it, whose first start goes by the present one's name, as no real one's
    /// does.
    /// </summary>
    public SimulatedFolder CopyOfSameStart()
    {
        var copy = new SimulatedFolder(node, diskId, founders) { LogId = LogId, _starts = _starts - 1 };
        foreach (var (other, disk) in _disks)
        {
            copy._disks.Add(other, disk);
        }
        return copy;
    }

    private static string NameOf(NodeId node, string disk, Dictionary<NodeId, string> others) =>
        Muster.Consensus.Storage.LogId.Of(new Dictionary<NodeId, string>(others) { [node] = disk });
}

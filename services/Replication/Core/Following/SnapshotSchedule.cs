using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// When to give the nodes a snapshot, each of which cuts its own log with it: at the same indexes on every
/// replica, so that their digests can be compared; when the entries since the last have many bytes, which is
/// the same index on all that count from the same snapshot; and whenever the log is full, because no further
/// index would ever come.
/// </summary>
internal sealed class SnapshotSchedule(ReplicaOptions options)
{
    private bool _isLogFull;
    private long? _sentAt;
    private long _bytes;

    /// <summary>Counts an applied entry; true when a snapshot is due after it.</summary>
    public bool IsDueAfter(LogEntry applied)
    {
        _bytes += applied.Payload.Length;
        return (options.SnapshotEveryEntries > 0 && applied.Index.Value % options.SnapshotEveryEntries == 0)
            || (options.SnapshotEveryBytes > 0 && _bytes >= options.SnapshotEveryBytes);
    }

    /// <summary>The machine came from a snapshot: that one is the last.</summary>
    public void Restored() => _bytes = 0;

    public void LogFull() => _isLogFull = true;

    /// <summary>True when a full log asks for one now; not more often than requests are sent again.</summary>
    public bool IsDemanded(long now, LogIndex applied) =>
        _isLogFull && applied > LogIndex.Zero
        && (_sentAt is not { } sentAt || now - sentAt >= options.ResendMilliseconds);

    public void Send(
        long now, NodeId leader, LogIndex applied, Func<byte[]> takeSnapshot, List<ReplicaSend> sends)
    {
        if (leader.IsNone)
        {
            return;
        }
        _isLogFull = false;
        _sentAt = now;
        _bytes = 0;
        var message = new StoreSnapshot { Group = options.Group, Index = applied, Payload = takeSnapshot() };
        sends.Add(new(NodeId.None, message, $"s{applied}"));
    }
}

using Muster.Contracts.Recovery;

namespace Muster.Replication.Core;

/// <summary>
/// The newest restorations, so that a repeat is answered alike and restores once. Not the restored state's
/// but the current one's: it lives on through every restoration.
/// </summary>
public sealed class RestorationWindow
{
    public const int Capacity = 16;

    private readonly Queue<GroupStateRestored> _restored = new();

    public RestorationWindow()
    {
    }

    public RestorationWindow(IEnumerable<GroupStateRestored> items)
    {
        foreach (var item in items)
        {
            Record(item);
        }
    }

    /// <summary>Oldest first: a snapshot's share.</summary>
    public IEnumerable<GroupStateRestored> Items => _restored;

    public GroupStateRestored? Find(string commandId) =>
        _restored.FirstOrDefault(item => item.CommandId == commandId);

    public void Record(GroupStateRestored restored)
    {
        _restored.Enqueue(restored);
        if (_restored.Count > Capacity)
        {
            _restored.Dequeue();
        }
    }
}

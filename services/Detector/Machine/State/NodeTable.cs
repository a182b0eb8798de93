using System.Collections.Immutable;
using Muster.Contracts.Detector;

namespace Muster.Detector.Machine;

/// <summary>
/// The records by name; and who ended, and who lives, each by how long since, so that nobody walks through
/// all of them for a place.
/// </summary>
internal sealed class NodeTable
{
    private static readonly Comparer<NodeRecord> ByChange = Comparer<NodeRecord>.Create(
        static (left, right) => left.ChangedAt.CompareTo(right.ChangedAt) is not 0 and var order
            ? order
            : string.CompareOrdinal(left.Node, right.Node));

    private readonly SortedSet<NodeRecord> _ended = new(ByChange);
    private readonly SortedSet<NodeRecord> _alive = new(ByChange);

    /// <summary>Immutable, so that who asks gets all of it at once and for nothing.</summary>
    public ImmutableSortedDictionary<string, NodeRecord> ByName { get; private set; } =
        ImmutableSortedDictionary.Create<string, NodeRecord>(StringComparer.Ordinal);

    public int Count => ByName.Count;

    public int EndedCount => _ended.Count;

    /// <summary>The one that failed or left first; of one entry the first by name. Null: none has.</summary>
    public NodeRecord? LongestEnded => _ended.Min;

    /// <summary>Likewise the one that lives longest, unsuspected.</summary>
    public NodeRecord? LongestAlive => _alive.Min;

    public NodeRecord? Find(string node) => ByName.GetValueOrDefault(node);

    /// <summary>In the place of the node's former record, if there is one.</summary>
    public void Set(NodeRecord record)
    {
        Unlist(record.Node);
        ByName = ByName.SetItem(record.Node, record);
        ListOf(record)?.Add(record);
    }

    public void Remove(string node)
    {
        Unlist(node);
        ByName = ByName.Remove(node);
    }

    private void Unlist(string node)
    {
        if (Find(node) is { } old)
        {
            ListOf(old)?.Remove(old);
        }
    }

    private SortedSet<NodeRecord>? ListOf(NodeRecord record) =>
        record.HasEnded ? _ended : record.Status == NodeStatus.Alive ? _alive : null;
}

namespace Muster.Testing;

/// <summary>
/// The items of a list, with what a set's read needs of them: how many are distinct, and one hash for any
/// order, counted once and not at every step of a search.
/// </summary>
internal sealed class ValueList : IEquatable<ValueList>
{
    private readonly Value[] _items;
    private readonly int _hash;
    private readonly Lazy<(int Count, long Hash)> _distinct;

    public ValueList(Value[] items)
    {
        _items = items;
        var hash = new HashCode();
        foreach (var item in items)
        {
            hash.Add(item);
        }
        _hash = hash.ToHashCode();
        _distinct = new(() =>
        {
            var set = items.ToHashSet();
            return (set.Count, set.Aggregate(0L, (sum, item) => unchecked(sum + SetHash(item))));
        });
    }

    public IReadOnlyList<Value> Items => _items;

    public int DistinctCount => _distinct.Value.Count;

    public long DistinctHash => _distinct.Value.Hash;

    /// <summary>One item's part in the hash of a set, which is their sum.</summary>
    public static long SetHash(Value item) =>
        unchecked((long)((ulong)item.GetHashCode() * 0x9E3779B97F4A7C15UL));

    public bool Equals(ValueList? other) =>
        other is not null && _hash == other._hash && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as ValueList);

    public override int GetHashCode() => _hash;
}

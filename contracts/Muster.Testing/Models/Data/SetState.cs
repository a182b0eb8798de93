using System.Collections.Immutable;

namespace Muster.Testing;

/// <summary>What a set holds. Its hash is kept up, so that sets that differ are told apart at once.</summary>
public sealed class SetState : IEquatable<SetState>
{
    private const int MostShown = 20;

    private readonly ImmutableHashSet<Value> _items;
    private readonly long _hash;

    private SetState(ImmutableHashSet<Value> items, long hash) => (_items, _hash) = (items, hash);

    /// <summary>The set at first.</summary>
    public static SetState Empty { get; } = new([], 0);

    /// <summary>How many items it has.</summary>
    public int Count => _items.Count;

    /// <summary>This set with an item more, or itself when it is there.</summary>
    public SetState Add(Value item)
    {
        var items = _items.Add(item);
        return ReferenceEquals(items, _items)
            ? this
            : new SetState(items, unchecked(_hash + ValueList.SetHash(item)));
    }

    /// <summary>Whether the list has exactly these items, in any order.</summary>
    public bool Holds(Value list) =>
        list.List is not { } items
            ? _items.IsEmpty
            : items.DistinctCount == _items.Count && items.DistinctHash == _hash
                && items.Items.All(_items.Contains);

    /// <inheritdoc/>
    public bool Equals(SetState? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hash == other._hash && _items.Count == other._items.Count
            && _items.All(other._items.Contains));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SetState);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash.GetHashCode();

    /// <summary>The items, the first few of many.</summary>
    public override string ToString()
    {
        var shown = _items.Select(item => item.ToString()).Order(StringComparer.Ordinal).Take(MostShown);
        var rest = _items.Count > MostShown ? $", … {_items.Count} items" : "";
        return $"{{{string.Join(", ", shown)}{rest}}}";
    }
}

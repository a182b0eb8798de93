namespace Muster.Lock.Machine;

/// <summary>
/// Values by their names, ordinally. One is found, and a page of them begun at any name, in as many steps as
/// the tree is deep.
/// </summary>
internal sealed class ByName<T> where T : class
{
    private static readonly IComparer<(string Name, T? Value)> ByNameAlone =
        Comparer<(string Name, T? Value)>.Create(
            (left, right) => string.CompareOrdinal(left.Name, right.Name));

    private readonly SortedSet<(string Name, T? Value)> _entries = new(ByNameAlone);

    public IEnumerable<T> All => _entries.Select(entry => entry.Value!);

    public T? Find(string name) => _entries.TryGetValue((name, null), out var found) ? found.Value : null;

    /// <summary>The name is free.</summary>
    public void Add(string name, T value)
    {
        if (!_entries.Add((name, value)))
        {
            throw new InvalidOperationException($"There is one of the name {name} already.");
        }
    }

    public void Remove(string name) => _entries.Remove((name, null));

    /// <summary>Those after a name, of a prefix.</summary>
    public IEnumerable<T> After(string name, string prefix = "")
    {
        var start = string.CompareOrdinal(name, prefix) < 0 ? prefix : name;
        if (_entries.Count == 0 || string.CompareOrdinal(start, _entries.Max.Name) > 0)
        {
            return [];
        }
        return _entries.GetViewBetween((start, null), _entries.Max)
            .SkipWhile(entry => entry.Name == name)
            .TakeWhile(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => entry.Value!);
    }
}

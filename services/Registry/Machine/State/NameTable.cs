using System.Diagnostics.CodeAnalysis;

namespace Muster.Registry.Machine;

/// <summary>
/// Items by name: found in one step, walked in ordinal order from any name on. The dictionary is only looked
/// up, never walked.
/// </summary>
internal sealed class NameTable<T>
    where T : class
{
    private readonly Dictionary<string, T> _items = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);

    public int Count => _names.Count;

    /// <summary>By name, ordinally.</summary>
    public IEnumerable<T> All => _names.Select(name => _items[name]);

    public T? Find(string name) => _items.GetValueOrDefault(name);

    public bool TryFind(string name, [MaybeNullWhen(false)] out T item) => _items.TryGetValue(name, out item);

    /// <exception cref="ArgumentException">The name is there.</exception>
    public void Add(string name, T item)
    {
        _items.Add(name, item);
        _names.Add(name);
    }

    public void Set(string name, T item)
    {
        _items[name] = item;
        _names.Add(name);
    }

    public void Remove(string name)
    {
        _items.Remove(name);
        _names.Remove(name);
    }

    /// <summary>The items whose names start with a prefix and come after another name, in order.</summary>
    public IEnumerable<KeyValuePair<string, T>> From(string prefix, string after)
    {
        var start = string.CompareOrdinal(prefix, after) >= 0 ? prefix : after;
        if (_names.Max is not { } last || string.CompareOrdinal(start, last) > 0)
        {
            yield break;
        }
        foreach (var name in _names.GetViewBetween(start, last))
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield break;
            }
            if (string.CompareOrdinal(name, after) > 0)
            {
                yield return new(name, _items[name]);
            }
        }
    }
}

using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>The configuration keys, and what they take up.</summary>
internal sealed class ConfigTable
{
    private readonly NameTable<ConfigEntry> _entries = new();

    public int Count => _entries.Count;

    /// <summary>UTF-8 bytes of keys and values.</summary>
    public long Bytes { get; private set; }

    /// <summary>By key, ordinally.</summary>
    public IEnumerable<ConfigEntry> All => _entries.All;

    public ConfigEntry? Find(string key) => _entries.Find(key);

    public IEnumerable<ConfigEntry> From(string prefix, string after) =>
        _entries.From(prefix, after).Select(pair => pair.Value);

    public void Set(ConfigEntry entry)
    {
        Remove(entry.Key);
        _entries.Set(entry.Key, entry);
        Bytes += SizeOf.Entry(entry);
    }

    public void Remove(string key)
    {
        if (_entries.Find(key) is { } entry)
        {
            Bytes -= SizeOf.Entry(entry);
            _entries.Remove(key);
        }
    }
}

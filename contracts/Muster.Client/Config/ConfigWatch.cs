using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>
/// One watcher of a prefix: what it was told last of every key, so that it is told each change once, also
/// when the feed starts anew from a full list. Used under the client's gate, but for its reader.
/// </summary>
internal sealed class ConfigWatch(string prefix)
{
    private const int MaxEarly = 10_000;

    private readonly List<ConfigChanged> _early = [];
    private Dictionary<string, (long Epoch, long Version, UInt128 Value)> _known =
        new(StringComparer.Ordinal);
    private bool _isStarted;

    public string Prefix { get; } = prefix;

    public Mailbox<ConfigChange> Changes { get; } = new();

    /// <summary>Its list is being read; changes wait.</summary>
    public bool IsListing { get; private set; }

    /// <summary>More changes came while the list was read than are kept: the list must be read
    /// again.</summary>
    public bool HasOverflown => _early.Count >= MaxEarly;

    /// <summary>Events up to this number are in what it was told.</summary>
    public long Floor { get; set; }

    /// <summary>The open reading of its list.</summary>
    public RegistryCall? Call { get; set; }

    public void BeginListing()
    {
        IsListing = true;
        _early.Clear();
    }

    /// <summary>The full list, as of an event; tells what is different from what was told before.</summary>
    /// <param name="entries">Everything under the prefix.</param>
    /// <param name="epoch">
    /// A group founded anew counts versions again; after a restoration most keys are as they were.
    /// </param>
    /// <param name="number">The event's.</param>
    public void Load(IReadOnlyList<ConfigEntry> entries, long epoch, long number)
    {
        var known = new Dictionary<string, (long, long, UInt128)>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var value = DigestOf(entry.Value);
            known[entry.Key] = (epoch, entry.Version, value);
            var isNew = !_known.TryGetValue(entry.Key, out var before);
            if (isNew || (before.Version, before.Value) != (entry.Version, value))
            {
                Changes.Put(entry.Key, ConfigChange.Of(entry, isInitial: !_isStarted), isNew);
            }
        }
        foreach (var gone in _known.Keys.Where(key => !known.ContainsKey(key)).Order(StringComparer.Ordinal))
        {
            Changes.PutGone(gone, ConfigChange.Deleted(gone));
        }
        (_known, Floor, _isStarted, IsListing) = (known, number, true, false);
        // What came of another life of the group is no news of this one.
        var early = _early.Where(change => change.Event.Epoch == epoch)
            .OrderBy(change => change.Event.Number).ToArray();
        _early.Clear();
        Array.ForEach(early, Apply);
    }

    public void Apply(ConfigChanged change)
    {
        if (!change.Key.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return;
        }
        if (IsListing)
        {
            if (!HasOverflown)
            {
                _early.Add(change);
            }
        }
        else if (change.Event.Number > Floor)
        {
            Tell(change);
        }
    }

    /// <summary>Stands for a value: to keep all values would double them.</summary>
    private static UInt128 DigestOf(string value) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private void Tell(ConfigChanged change)
    {
        if (change.Entry is not { } entry)
        {
            if (_known.Remove(change.Key))
            {
                Changes.PutGone(change.Key, ConfigChange.Deleted(change.Key));
            }
        }
        else
        {
            var isNew = !_known.TryGetValue(change.Key, out var before);
            if (isNew || (before.Epoch, before.Version).CompareTo((change.Event.Epoch, entry.Version)) < 0)
            {
                _known[change.Key] = (change.Event.Epoch, entry.Version, DigestOf(entry.Value));
                Changes.Put(change.Key, ConfigChange.Of(entry, isInitial: false), isNew);
            }
        }
    }
}

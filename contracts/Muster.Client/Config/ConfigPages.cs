using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>The pages of one listing, put together.</summary>
internal sealed class ConfigPages
{
    private readonly List<ConfigEntry> _entries = [];

    public IReadOnlyList<ConfigEntry> Entries => _entries;

    /// <summary>The key to go on after.</summary>
    public string After => _entries.Count > 0 ? _entries[^1].Key : "";

    public long Epoch { get; private set; }

    /// <summary>
    /// The newest event's number as of the first page: what changed while the others were read comes as
    /// events after it.
    /// </summary>
    public long Number { get; private set; }

    /// <summary>False: the group was restored since the first page.</summary>
    public bool Add(ConfigListed page)
    {
        if (Epoch == 0)
        {
            (Epoch, Number) = (page.Freshness.Epoch, page.EventsHead);
        }
        _entries.AddRange(page.Entries);
        return page.Freshness.Epoch == Epoch;
    }
}

namespace Muster.Testing;

/// <summary>
/// The memory of all searches. Where it runs out, the search that holds the most gives up and not the one that
/// happens to ask: a hard key must not take the memory of an easy one.
/// </summary>
internal sealed class MemoryBudget(long limitBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<KeySearch, long> _held = [];
    private long _total;

    public long LimitBytes { get; } = limitBytes;

    /// <summary>Counts what a search holds now. It may be told to give up, or another one.</summary>
    public void Report(KeySearch search, long bytes)
    {
        lock (_gate)
        {
            if (search.MustGiveUp)
            {
                return;
            }
            _total += bytes - _held.GetValueOrDefault(search);
            _held[search] = bytes;
            while (_total > LimitBytes)
            {
                // What it holds is free once it is asked to go on, within one slice of it.
                var greatest = _held.MaxBy(held => held.Value).Key;
                greatest.GiveUp();
                Remove(greatest);
            }
        }
    }

    /// <summary>A search is over.</summary>
    public void Release(KeySearch search)
    {
        lock (_gate)
        {
            Remove(search);
        }
    }

    private void Remove(KeySearch search)
    {
        if (_held.Remove(search, out var bytes))
        {
            _total -= bytes;
        }
    }
}

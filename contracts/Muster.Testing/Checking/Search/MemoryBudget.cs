namespace Muster.Testing;

/// <summary>
/// The memory of all keys' searches. Where it runs out, the key that holds the most gives up and not the one
/// that happens to ask: a hard key must not take the memory of an easy one.
/// </summary>
internal sealed class MemoryBudget(long limitBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<KeyJudge, long> _held = [];
    private long _total;

    public long LimitBytes { get; } = limitBytes;

    /// <summary>Counts what a key holds now. It may be told to give up, or another one.</summary>
    public void Report(KeyJudge judge, long bytes)
    {
        lock (_gate)
        {
            if (judge.MustGiveUp)
            {
                return;
            }
            _total += bytes - _held.GetValueOrDefault(judge);
            _held[judge] = bytes;
            while (_total > LimitBytes)
            {
                // What it holds is free once it is asked to go on, within one slice of it.
                var greatest = _held.MaxBy(held => held.Value).Key;
                greatest.GiveUp();
                Remove(greatest);
            }
        }
    }

    /// <summary>A key is decided.</summary>
    public void Release(KeyJudge judge)
    {
        lock (_gate)
        {
            Remove(judge);
        }
    }

    private void Remove(KeyJudge judge)
    {
        if (_held.Remove(judge, out var bytes))
        {
            _total -= bytes;
        }
    }
}

namespace Muster.Lock.Machine;

/// <summary>
/// Marks of what was done, each key once. Each is kept for the command window: what it is to stop is refused
/// for its age after that.
/// </summary>
/// <param name="keyOf">What a mark is of.</param>
/// <param name="keptUntil">Machine time, never before that of the mark added before.</param>
/// <param name="most">Beyond it the oldest are forgotten early; default: no limit of its own.</param>
internal sealed class MarkWindow<TMark, TKey>(
    Func<TMark, TKey> keyOf, Func<TMark, long> keptUntil, int most = int.MaxValue)
{
    private readonly Queue<TMark> _byAge = new();
    private readonly HashSet<TKey> _keys = [];

    public int Count => _byAge.Count;

    /// <summary>Oldest first.</summary>
    public IEnumerable<TMark> ByAge => _byAge;

    public void DropUntil(long now)
    {
        while (_byAge.TryPeek(out var oldest) && keptUntil(oldest) < now)
        {
            Drop();
        }
    }

    public bool Contains(TKey key) => _keys.Contains(key);

    /// <summary>A second mark of the same key leaves the first one as it is.</summary>
    /// <returns>False: there is one.</returns>
    public bool Add(TMark mark)
    {
        if (!_keys.Add(keyOf(mark)))
        {
            return false;
        }
        if (_byAge.Count == most)
        {
            Drop();
        }
        _byAge.Enqueue(mark);
        return true;
    }

    private void Drop() => _keys.Remove(keyOf(_byAge.Dequeue()));
}

/// <summary>An acquire of a session that was cancelled before it came.</summary>
internal sealed record Tombstone(string AcquireId, long KeptUntil);

/// <summary>A verdict on a crash that was taken: a copy ends nothing.</summary>
internal sealed record KeptCrash(long Epoch, long Number, long KeptUntil);

namespace Muster.Lock.Machine;

/// <summary>
/// Acquires of a session that were cancelled before they came. Each is kept for the command window: after
/// that the acquire is refused for its age.
/// </summary>
internal sealed class Tombstones
{
    private readonly Queue<Tombstone> _byAge = new();
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);

    public int Count => _byAge.Count;

    /// <summary>Oldest first.</summary>
    public IEnumerable<Tombstone> ByAge => _byAge;

    public void DropUntil(long now)
    {
        while (_byAge.TryPeek(out var oldest) && oldest.KeptUntil < now)
        {
            _ids.Remove(_byAge.Dequeue().AcquireId);
        }
    }

    public bool Contains(string acquireId) => _ids.Contains(acquireId);

    /// <summary>A second cancel of the same acquire leaves the first one's mark as it is.</summary>
    public void Add(string acquireId, long keptUntil)
    {
        if (_ids.Add(acquireId))
        {
            _byAge.Enqueue(new Tombstone(acquireId, keptUntil));
        }
    }
}

internal sealed record Tombstone(string AcquireId, long KeptUntil);

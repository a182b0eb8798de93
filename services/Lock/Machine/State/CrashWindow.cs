namespace Muster.Lock.Machine;

/// <summary>
/// The verdicts that were taken lately, each kept for the command window: a copy that comes later is refused
/// for its age.
/// </summary>
internal sealed class CrashWindow
{
    /// <summary>Beyond it the oldest are forgotten early: no queue holds so many copies.</summary>
    private const int Most = 4_096;

    private readonly Queue<KeptCrash> _byAge = new();
    private readonly HashSet<(long Epoch, long Number)> _taken = [];

    /// <summary>Oldest first.</summary>
    public IEnumerable<KeptCrash> ByAge => _byAge;

    public void DropUntil(long now)
    {
        while (_byAge.TryPeek(out var oldest) && oldest.KeptUntil < now)
        {
            Drop();
        }
    }

    /// <returns>False: it was taken before.</returns>
    public bool Take(NodeCrash crash, long keptUntil) => Add(new(crash.Epoch, crash.Number, keptUntil));

    public bool Add(KeptCrash kept)
    {
        if (!_taken.Add((kept.Epoch, kept.Number)))
        {
            return false;
        }
        if (_byAge.Count == Most)
        {
            Drop();
        }
        _byAge.Enqueue(kept);
        return true;
    }

    private void Drop()
    {
        var oldest = _byAge.Dequeue();
        _taken.Remove((oldest.Epoch, oldest.Number));
    }
}

internal sealed record KeptCrash(long Epoch, long Number, long KeptUntil);

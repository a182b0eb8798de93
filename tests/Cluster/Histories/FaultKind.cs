namespace Muster.Cluster.Histories;

/// <summary>What is done to a cluster while its clients are recorded.</summary>
public enum FaultKind
{
    /// <summary>SIGKILL of the consensus node that leads the locks.</summary>
    KilledLeader,

    /// <summary>SIGKILL of any consensus node.</summary>
    KilledNode,

    /// <summary>SIGKILL of a lock replica.</summary>
    KilledLockReplica,

    /// <summary>SIGKILL of a registry replica.</summary>
    KilledRegistry,

    /// <summary>SIGKILL of a client with what it holds.</summary>
    KilledClient,

    /// <summary>SIGSTOP of any consensus node.</summary>
    PausedNode,

    /// <summary>SIGSTOP of a lock or registry replica.</summary>
    PausedReplica,

    /// <summary>SIGSTOP of a client with what it holds.</summary>
    PausedClient,

    /// <summary>No packet between a consensus node and the broker.</summary>
    CutNode,

    /// <summary>No packet between a lock or registry replica and the broker.</summary>
    CutReplica,

    /// <summary>No packet between a client and the broker.</summary>
    CutClient,

    /// <summary>The broker is stopped and started. Needs one that may be.</summary>
    RestartedBroker,

    /// <summary>The broker stands still. Needs one that may.</summary>
    PausedBroker,
}

/// <summary>What a fault does, whoever suffers it.</summary>
public enum FaultFamily
{
    /// <summary>A process ends at once.</summary>
    Kill,

    /// <summary>A process stands still, with its connections open.</summary>
    Pause,

    /// <summary>A process lives, and reaches nobody.</summary>
    Cut,

    /// <summary>The broker ends in order and comes back.</summary>
    Restart,
}

/// <summary>What was done, and to whom.</summary>
public sealed record Fault(FaultKind Kind, string Victim)
{
    /// <summary>Follows from the kind.</summary>
    public FaultFamily Family => FaultDeck.FamilyOf(Kind);

    public override string ToString() => $"{Kind} {Victim}";
}

/// <summary>
/// Draws kinds of faults as from a shuffled deck: by chance, and all of them equally often. The first of a
/// deck are of different families, so that a short run has something of each.
/// </summary>
internal sealed class FaultDeck(Random random, bool hasOwnBroker)
{
    private readonly FaultKind[] _kinds =
        [.. Enum.GetValues<FaultKind>().Where(kind => hasOwnBroker || !IsOfBroker(kind))];

    private readonly Queue<FaultKind> _deck = new();

    /// <summary>Of which a run has at least one fault each.</summary>
    public IEnumerable<FaultFamily> Families => _kinds.Select(FamilyOf).Distinct();

    public FaultKind Next()
    {
        if (_deck.Count == 0)
        {
            FaultKind[] kinds = [.. _kinds];
            random.Shuffle(kinds);
            foreach (var kind in kinds.DistinctBy(FamilyOf).Union(kinds))
            {
                _deck.Enqueue(kind);
            }
        }
        return _deck.Dequeue();
    }

    public static FaultFamily FamilyOf(FaultKind kind) => kind switch
    {
        FaultKind.KilledLeader or FaultKind.KilledNode or FaultKind.KilledLockReplica
            or FaultKind.KilledRegistry or FaultKind.KilledClient => FaultFamily.Kill,
        FaultKind.PausedNode or FaultKind.PausedReplica or FaultKind.PausedClient
            or FaultKind.PausedBroker => FaultFamily.Pause,
        FaultKind.CutNode or FaultKind.CutReplica or FaultKind.CutClient => FaultFamily.Cut,
        FaultKind.RestartedBroker => FaultFamily.Restart,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "of no family"),
    };

    public static bool IsOfBroker(FaultKind kind) =>
        kind is FaultKind.RestartedBroker or FaultKind.PausedBroker;
}

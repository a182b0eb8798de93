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

/// <summary>What was done, and to whom.</summary>
public sealed record Fault(FaultKind Kind, string Victim)
{
    public override string ToString() => $"{Kind} {Victim}";
}

/// <summary>
/// Draws kinds of faults as from a shuffled deck: by chance, and all of them equally often.
/// </summary>
internal sealed class FaultDeck(Random random, bool hasOwnBroker)
{
    private readonly Queue<FaultKind> _deck = new();

    public FaultKind Next()
    {
        if (_deck.Count == 0)
        {
            var kinds = Enum.GetValues<FaultKind>()
                .Where(kind => hasOwnBroker || !IsOfBroker(kind)).ToArray();
            random.Shuffle(kinds);
            foreach (var kind in kinds)
            {
                _deck.Enqueue(kind);
            }
        }
        return _deck.Dequeue();
    }

    public static bool IsOfBroker(FaultKind kind) =>
        kind is FaultKind.RestartedBroker or FaultKind.PausedBroker;
}

using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>The body of one entry of a lock group's log: commands, applied in their order.</summary>
public sealed record LockEntry
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public IReadOnlyList<LockEntryCommand> Commands { get; init; } = [];
}

/// <summary>One command of an entry: exactly one of the properties is set.</summary>
public sealed record LockEntryCommand
{
    public OpenSession? OpenSession { get; init; }

    public CloseSession? CloseSession { get; init; }

    public AcquireLock? AcquireLock { get; init; }

    public CancelAcquire? CancelAcquire { get; init; }

    public ReleaseLock? ReleaseLock { get; init; }

    public UpgradeLock? UpgradeLock { get; init; }

    public BreakLock? BreakLock { get; init; }

    public SetNamespaceLimits? SetNamespaceLimits { get; init; }

    public Campaign? Campaign { get; init; }

    public Resign? Resign { get; init; }

    public Proclaim? Proclaim { get; init; }

    /// <summary>Renews its sessions.</summary>
    public Heartbeat? Heartbeat { get; init; }

    /// <summary>Ends the sessions of an incarnation of a node.</summary>
    public NodeCrash? NodeCrash { get; init; }

    public Genesis? Genesis { get; init; }

    public OutboxClaim? OutboxClaim { get; init; }

    public OutboxPublished? OutboxPublished { get; init; }

    /// <summary>Replaces the whole state by a backup's.</summary>
    public StateRestoration? StateRestoration { get; init; }

    internal bool HasOneKind =>
        Count(OpenSession) + Count(CloseSession) + Count(AcquireLock) + Count(CancelAcquire)
        + Count(ReleaseLock) + Count(UpgradeLock) + Count(BreakLock) + Count(Campaign) + Count(Resign)
        + Count(Proclaim) + Count(SetNamespaceLimits) + Count(Heartbeat) + Count(NodeCrash) + Count(Genesis)
        + Count(OutboxClaim) + Count(OutboxPublished) + Count(StateRestoration) == 1;

    private static int Count(object? kind) => kind is null ? 0 : 1;
}

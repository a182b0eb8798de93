namespace Muster.Contracts.Lock;

/// <summary>
/// Many commands of one process in one message; each has its own answer, and they are independent of each
/// other. At most 1,000. Answers: one or more <see cref="LockReplyBatch"/>.
/// </summary>
public sealed record LockCommandBatch
{
    public ReplyAddress? ReplyTo { get; init; }

    public IReadOnlyList<LockCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record LockCommand
{
    public OpenSession? OpenSession { get; init; }

    public CloseSession? CloseSession { get; init; }

    public AcquireLock? AcquireLock { get; init; }

    public CancelAcquire? CancelAcquire { get; init; }

    public ReleaseLock? ReleaseLock { get; init; }

    public UpgradeLock? UpgradeLock { get; init; }

    public DescribeLock? DescribeLock { get; init; }

    public BreakLock? BreakLock { get; init; }

    public Campaign? Campaign { get; init; }

    public Resign? Resign { get; init; }

    public ObserveLeader? ObserveLeader { get; init; }

    public ListLocks? ListLocks { get; init; }

    public FindDeadlocks? FindDeadlocks { get; init; }

    public ReadLockHistory? ReadLockHistory { get; init; }

    /// <summary>
    /// The sender's span, as W3C's <c>traceparent</c> has it: the service's part becomes its child. Not part
    /// of the command, and not in the log. Null: not traced.
    /// </summary>
    public string? TraceParent { get; init; }
}

/// <summary>
/// Answers to commands of batches, in the order in which they came to be; may mix those of several batches.
/// </summary>
public sealed record LockReplyBatch
{
    public IReadOnlyList<LockReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record LockReply
{
    public SessionOpened? SessionOpened { get; init; }

    public SessionClosed? SessionClosed { get; init; }

    public LockGranted? LockGranted { get; init; }

    public LockQueued? LockQueued { get; init; }

    public AcquireCancelled? AcquireCancelled { get; init; }

    public LockReleased? LockReleased { get; init; }

    public LockDescription? LockDescription { get; init; }

    public LockBroken? LockBroken { get; init; }

    public LeaderObserved? LeaderObserved { get; init; }

    public LocksListed? LocksListed { get; init; }

    public DeadlocksFound? DeadlocksFound { get; init; }

    public LockHistoryRead? LockHistoryRead { get; init; }

    public LockRefused? LockRefused { get; init; }

    public LockUnknown? LockUnknown { get; init; }
}

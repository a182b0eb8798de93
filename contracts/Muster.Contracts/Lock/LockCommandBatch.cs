namespace Muster.Contracts.Lock;

/// <summary>
/// Many commands of one process in one message; each has its own answer, and they are independent of each
/// other. At most 1,000. Answers: one or more <see cref="LockReplyBatch"/>.
/// </summary>
public sealed record LockCommandBatch
{
    /// <summary>
    /// Where the answers of all its commands go that name no address themselves. Null: where the message asks
    /// for them.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }

    /// <summary>
    /// 1 to 1,000, each taken for itself. An empty or larger batch is refused as a whole: BatchInvalid,
    /// without a command id.
    /// </summary>
    public IReadOnlyList<LockCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record LockCommand
{
    /// <summary>Answered with <see cref="LockReply.SessionOpened"/>, unless refused or unknown.</summary>
    public OpenSession? OpenSession { get; init; }

    /// <summary>Answered with <see cref="LockReply.SessionClosed"/>, unless refused or unknown.</summary>
    public CloseSession? CloseSession { get; init; }

    /// <summary>
    /// Answered with <see cref="LockReply.LockGranted"/>, maybe after <see cref="LockReply.LockQueued"/>,
    /// unless refused or unknown.
    /// </summary>
    public AcquireLock? AcquireLock { get; init; }

    /// <summary>Answered with <see cref="LockReply.AcquireCancelled"/>, unless refused or unknown.</summary>
    public CancelAcquire? CancelAcquire { get; init; }

    /// <summary>Answered with <see cref="LockReply.LockReleased"/>, unless refused or unknown.</summary>
    public ReleaseLock? ReleaseLock { get; init; }

    /// <summary>Answered as <see cref="AcquireLock"/>.</summary>
    public UpgradeLock? UpgradeLock { get; init; }

    /// <summary>Answered with <see cref="LockReply.LockDescription"/>, unless refused or unknown.</summary>
    public DescribeLock? DescribeLock { get; init; }

    /// <summary>Answered with <see cref="LockReply.LockBroken"/>, unless refused or unknown.</summary>
    public BreakLock? BreakLock { get; init; }

    /// <summary>Answered as <see cref="AcquireLock"/>.</summary>
    public Campaign? Campaign { get; init; }

    /// <summary>Answered with <see cref="LockReply.LockReleased"/>, unless refused or unknown.</summary>
    public Resign? Resign { get; init; }

    /// <summary>Answered with <see cref="LockReply.ValueProclaimed"/>, unless refused or unknown.</summary>
    public Proclaim? Proclaim { get; init; }

    /// <summary>Answered with <see cref="LockReply.LeaderObserved"/>, unless refused or unknown.</summary>
    public ObserveLeader? ObserveLeader { get; init; }

    /// <summary>Answered with <see cref="LockReply.LocksListed"/>, unless refused or unknown.</summary>
    public ListLocks? ListLocks { get; init; }

    /// <summary>Answered with <see cref="LockReply.DeadlocksFound"/>, unless refused or unknown.</summary>
    public FindDeadlocks? FindDeadlocks { get; init; }

    /// <summary>Answered with <see cref="LockReply.LockHistoryRead"/>, unless refused or unknown.</summary>
    public ReadLockHistory? ReadLockHistory { get; init; }

    /// <summary>
    /// Answered with <see cref="LockReply.NamespaceLimitsSet"/>, unless refused or unknown.
    /// </summary>
    public SetNamespaceLimits? SetNamespaceLimits { get; init; }

    /// <summary>
    /// Answered with <see cref="LockReply.NamespacesDescribed"/>, unless refused or unknown.
    /// </summary>
    public DescribeNamespaces? DescribeNamespaces { get; init; }

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
    /// <summary>1 to 256; each is matched by its command id.</summary>
    public IReadOnlyList<LockReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record LockReply
{
    /// <summary>Of <see cref="LockCommand.OpenSession"/>.</summary>
    public SessionOpened? SessionOpened { get; init; }

    /// <summary>Of <see cref="LockCommand.CloseSession"/>.</summary>
    public SessionClosed? SessionClosed { get; init; }

    /// <summary>Of an acquire, campaign or upgrade, at once or after its wait.</summary>
    public LockGranted? LockGranted { get; init; }

    /// <summary>Of an acquire, campaign or upgrade that waits; another answer follows.</summary>
    public LockQueued? LockQueued { get; init; }

    /// <summary>Of <see cref="LockCommand.CancelAcquire"/>.</summary>
    public AcquireCancelled? AcquireCancelled { get; init; }

    /// <summary>Of <see cref="LockCommand.ReleaseLock"/> and <see cref="LockCommand.Resign"/>.</summary>
    public LockReleased? LockReleased { get; init; }

    /// <summary>Of <see cref="LockCommand.DescribeLock"/>.</summary>
    public LockDescription? LockDescription { get; init; }

    /// <summary>Of <see cref="LockCommand.BreakLock"/>.</summary>
    public LockBroken? LockBroken { get; init; }

    /// <summary>Of <see cref="LockCommand.Proclaim"/>.</summary>
    public ValueProclaimed? ValueProclaimed { get; init; }

    /// <summary>Of <see cref="LockCommand.ObserveLeader"/>.</summary>
    public LeaderObserved? LeaderObserved { get; init; }

    /// <summary>Of <see cref="LockCommand.ListLocks"/>.</summary>
    public LocksListed? LocksListed { get; init; }

    /// <summary>Of <see cref="LockCommand.FindDeadlocks"/>.</summary>
    public DeadlocksFound? DeadlocksFound { get; init; }

    /// <summary>Of <see cref="LockCommand.SetNamespaceLimits"/>.</summary>
    public NamespaceLimitsSet? NamespaceLimitsSet { get; init; }

    /// <summary>Of <see cref="LockCommand.DescribeNamespaces"/>.</summary>
    public NamespacesDescribed? NamespacesDescribed { get; init; }

    /// <summary>Of <see cref="LockCommand.ReadLockHistory"/>.</summary>
    public LockHistoryRead? LockHistoryRead { get; init; }

    /// <summary>Of any command or query, also after its wait, or of a batch as a whole.</summary>
    public LockRefused? LockRefused { get; init; }

    /// <summary>Of any command or query.</summary>
    public LockUnknown? LockUnknown { get; init; }
}

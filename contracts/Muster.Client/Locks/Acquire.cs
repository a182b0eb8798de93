using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

internal enum AcquireStage
{
    /// <summary>Waits in this process: for the link, for a session, or for room.</summary>
    Parked,

    /// <summary>A command is out, or about to go.</summary>
    Sent,

    /// <summary>The service has it in the lock's queue.</summary>
    Queued,

    /// <summary>Granted.</summary>
    Held,

    /// <summary>Given back by its holder; not answered yet.</summary>
    Releasing,

    /// <summary>Was held and is not any more, without its holder's doing.</summary>
    Lost,

    /// <summary>Refused, given up or given back.</summary>
    Ended,
}

internal enum AcquireEnd
{
    Granted,

    /// <summary>
    /// Not held, through no decision of the service's: worth another acquire under a new id.
    /// </summary>
    Interrupted,

    /// <summary>The service says: held by another until the wait ran out.</summary>
    Busy,

    /// <summary>The wait ran out here and the service has not said so yet.</summary>
    WaitedOut,

    NotSent,

    Refused,

    Unknown,

    Cancelled,

    Closed,
}

internal readonly record struct AcquireOutcome(AcquireEnd End, LockRefused? Refusal = null);

/// <summary>
/// One acquire under one id and one session, through all its stages. Changed under the client's gate only.
/// </summary>
internal sealed class Acquire(Claim claim, TimeSpan? deadline, TimeSpan? unsentLimit)
{
    private readonly TaskCompletionSource<AcquireOutcome> _outcome =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile AcquireStage _stage;

    /// <summary>The acquire's id and its command's.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    public Claim Claim { get; } = claim;

    /// <summary>Its caller waits already, and was let in before.</summary>
    public bool IsAgain { get; init; }

    /// <summary>The span of the call that is under way for it; null: not traced.</summary>
    public string? TraceParent { get; set; }

    /// <summary>The lock's name, an election's too.</summary>
    public string Name => Claim.LockName;

    /// <summary>When the caller's wait ends, in the clock's time; null: never.</summary>
    public TimeSpan? Deadline { get; } = deadline;

    /// <summary>When the caller stops waiting for it to be sent at all; null: never.</summary>
    public TimeSpan? UnsentLimit { get; } = unsentLimit;

    /// <summary>What the service is asked to wait, fixed at the first sending.</summary>
    public long WaitMilliseconds { get; set; }

    public FencingToken Token { get; set; }

    /// <summary>A token that is told late is no news.</summary>
    public void Raise(FencingToken token) => Token = token > Token ? token : Token;

    /// <summary>What made this hold exclusive; null: it is held as it was asked for.</summary>
    public Acquire? Upgrade { get; set; }

    /// <summary>
    /// The upgrade that was tried last. The service refuses a second one while it waits there, also while it
    /// is being taken back.
    /// </summary>
    public Acquire? Upgrading { get; set; }

    /// <summary>Where it is, from when it is parked.</summary>
    public LockShard? Shard { get; set; }

    public Session? Session { get; set; }

    public LockCall? Call { get; set; }

    public LinkedListNode<Acquire>? Parking { get; set; }

    public Due? Due { get; set; }

    /// <summary>
    /// The last heartbeat sent before the newest answer came: answers to later ones must know of this
    /// acquire.
    /// </summary>
    public long KnownSince { get; set; }

    public AcquireStage Stage
    {
        get => _stage;
        set => _stage = value;
    }

    public Task<AcquireOutcome> Outcome => _outcome.Task;

    public CancellationTokenSource Lost { get; } = new();

    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// The service has nothing under way of it any more: it was granted, or refused, or is taken back.
    /// </summary>
    public TaskCompletionSource<bool> TakenBack { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void End(AcquireEnd end, LockRefused? refusal = null)
    {
        if (Session?.TakingBack.ContainsKey(Id) != true)
        {
            TakenBack.TrySetResult(true);
        }
        _outcome.TrySetResult(new AcquireOutcome(end, refusal));
    }
}

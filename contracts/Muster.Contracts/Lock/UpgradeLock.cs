namespace Muster.Contracts.Lock;

/// <summary>
/// Makes an upgradeable hold exclusive, once the shared holders beside it have left; it goes before everybody
/// who waits, and meanwhile no shared acquire is granted. Answer: <see cref="LockGranted"/> under a new
/// token, or <see cref="LockQueued"/> and later <see cref="LockGranted"/> or <see cref="LockRefused"/>; a
/// refusal leaves the hold as it was. Releasing or cancelling the upgrade by its own command id makes the
/// hold upgradeable again, under the new token; releasing the acquire ends both.
/// </summary>
public sealed record UpgradeLock
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public long? Sequence { get; init; }

    public long AnsweredBelow { get; init; }

    public string Name { get; init; } = "";

    /// <summary>The command id of the acquire that holds the name in mode Upgradeable.</summary>
    public string AcquireId { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    /// <summary>0 (default): only if nobody shares the lock now. At most 86,400,000.</summary>
    public long WaitMilliseconds { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

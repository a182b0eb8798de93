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
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>The open session that holds the lock, else refused (SessionUnknown, NotHolder).</summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="AcquireLock.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="AcquireLock.AnsweredBelow"/>
    public long AnsweredBelow { get; init; }

    /// <summary>The name that is held.</summary>
    public string Name { get; init; } = "";

    /// <summary>The command id of the acquire that holds the name in mode Upgradeable.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>The hold's token, or an earlier one of it; another one is refused (NotHolder).</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>0 (default): only if nobody shares the lock now. At most 86,400,000.</summary>
    public long WaitMilliseconds { get; init; }

    /// <inheritdoc cref="AcquireLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

namespace Muster.Client;

/// <summary>
/// The service did not answer within <see cref="MusterOptions.CallTimeout"/> (nor, while the client was not
/// connected, by the end of an acquire's wait): the command may or may not have been done; <see
/// cref="ResolveAsync"/> learns which. An acquire of unknown outcome is cancelled in the background until the
/// service confirms it or the session ends, so no lock stays behind; so are an election's, a registration and
/// the joining of a group.
/// </summary>
/// <param name="commandId">See <see cref="CommandId"/>.</param>
/// <param name="message">What was asked, and for how long.</param>
/// <param name="resolve">
/// Learns what became of it, once for all who ask at a time; null (default): nothing was to be changed.
/// </param>
public sealed class MusterUnknownException(
    string commandId, string message, Func<CancellationToken, Task<ResolvedOutcome>>? resolve = null)
    : Exception(message)
{
    private readonly Resolution? _resolution = resolve is null ? null : new Resolution(resolve);

    /// <summary>The command's id, under which the service did it or did not; also the acquire's.</summary>
    public string CommandId { get; } = commandId;

    /// <summary>
    /// Learns what became of the command: sends it again, under its id, until the service answers. So one
    /// that was lost on its way is done now, after all that was done since: resolve it before you go on, or
    /// write with an expected version. Each is done once at most. May be called again, also by several at a
    /// time.
    /// </summary>
    /// <remarks>
    /// The services remember commands for a time (<c>CommandWindow</c>, 10 min by default; with a shorter one
    /// a command that is resolved late is done twice): from 8 min after the first sending on nothing is sent
    /// any more, and the outcome is <see cref="OutcomeKind.Forgotten"/>; only a decision's is known for ever.
    /// What is taken back by itself (an acquire, an upgrade, a candidacy, a registration, a joining) is <see
    /// cref="OutcomeKind.NotDone"/> once the service has said so: it is asked to for as long as you wait. A
    /// change of a registered instance, which sets values, is made once more. A query changes nothing, and is
    /// <see cref="OutcomeKind.NotDone"/> at once.
    /// </remarks>
    /// <param name="cancellationToken">Stops asking; another call begins anew.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public Task<ResolvedOutcome> ResolveAsync(CancellationToken cancellationToken = default) =>
        _resolution?.AskAsync(cancellationToken) ?? Task.FromResult(new ResolvedOutcome
        {
            Kind = OutcomeKind.NotDone,
            Message = "A query changes nothing: ask anew.",
        });
}

/// <summary>A service refused the command, and changed nothing.</summary>
/// <param name="reason">See <see cref="Reason"/>.</param>
/// <param name="message">The service's sentence, with the value and the limit.</param>
public class MusterRefusedException(Enum reason, string message) : Exception($"{reason}: {message}")
{
    /// <summary>
    /// Why: a value of the service's enumeration, <c>LockRefusal.LimitReached</c>,
    /// <c>RegistryRefusal.InstanceInvalid</c>, <c>RecoveryRefusal.NotPrimary</c> or
    /// <c>DecisionRefusal.KeyInvalid</c>; compare it, or switch on it.
    /// </summary>
    public Enum Reason { get; } = reason;
}

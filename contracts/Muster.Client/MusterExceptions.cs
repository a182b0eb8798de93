namespace Muster.Client;

/// <summary>
/// The service did not answer within <see cref="MusterOptions.CallTimeout"/>: the command may or may not have
/// been done. An acquire of unknown outcome is cancelled in the background until the service confirms it or
/// the session ends, so no lock stays behind.
/// </summary>
/// <param name="commandId">See <see cref="CommandId"/>.</param>
/// <param name="message">What was asked, and for how long.</param>
public sealed class MusterUnknownException(string commandId, string message) : Exception(message)
{
    /// <summary>The command's id, under which the service did it or did not; also the acquire's.</summary>
    public string CommandId { get; } = commandId;
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

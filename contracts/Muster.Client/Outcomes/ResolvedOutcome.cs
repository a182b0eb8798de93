namespace Muster.Client;

/// <summary>What became of a command whose outcome was unknown.</summary>
public enum OutcomeKind
{
    /// <summary>Done, and once only, by whichever copy of the command came first.</summary>
    Done,

    /// <summary>
    /// Not done, and it will not be: it was never sent, or the service says that it is taken back, or it is a
    /// query. An acquire whose session is lost here ends there with that session.
    /// </summary>
    NotDone,

    /// <summary>The service refused it, and changed nothing.</summary>
    Refused,

    /// <summary>
    /// Nobody will ever say: the service may have forgotten the command, and would do it a second time. Look
    /// at what it was to change.
    /// </summary>
    Forgotten,

    /// <summary>
    /// Of a call that is several commands some are done, and the others are not and will not be: the message
    /// says which.
    /// </summary>
    Partly,
}

/// <summary>What <see cref="MusterUnknownException.ResolveAsync"/> has learned.</summary>
public sealed class ResolvedOutcome
{
    /// <summary>Which of the five.</summary>
    public required OutcomeKind Kind { get; init; }

    /// <summary>
    /// Of a command that is done what its call would have returned, a <c>long</c> of <see
    /// cref="IConfig.PutAsync"/>; null where that is nothing, and of the other kinds.
    /// </summary>
    public object? Result { get; init; }

    /// <summary>What its call would have thrown; null unless it was refused, also in part.</summary>
    public MusterRefusedException? Refusal { get; init; }

    /// <summary>For people: why it is not done, not all of it, or forgotten; else empty.</summary>
    public string Message { get; init; } = "";

    /// <summary><see cref="Result"/>, as the type that the call returns.</summary>
    /// <exception cref="InvalidOperationException">There is no such result.</exception>
    public T ResultAs<T>() => Result is T result
        ? result
        : throw new InvalidOperationException(
            $"The command is {Kind} with {Result ?? "no result"}, not a {typeof(T).Name}. {Message}");
}

namespace Muster.Testing;

/// <summary>
/// A lock that only its holder gives back, and that nobody holds twice. The holder is the process, by its
/// number, also after an operation of unknown outcome. Ok with <c>result</c> false: the acquire saw it held,
/// the release saw that this process did not hold it. A lock that can be lost (a lease that runs out, a
/// holder that is killed) needs a release of unknown outcome where it was: see
/// <see cref="HistoryRecorder.Lost"/>.
/// </summary>
public sealed class OwnerMutexModel : Model<Holder>
{
    /// <inheritdoc/>
    public override string Name => "owner-mutex";

    /// <inheritdoc/>
    public override string Description =>
        "acquire takes the lock when it is free, only its holder's release frees it. Ok with result false: "
        + "the acquire saw it held, the release saw that its process did not hold it."
        + MayBeLost;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["acquire", "release"];

    /// <inheritdoc/>
    public override Holder Initial => Holder.Nobody;

    /// <inheritdoc/>
    public override bool IsBounded => true;

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return ProblemOfValue(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(Holder state, Operation operation, out Holder next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return TryOwn(state, operation, out next);
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.WasRefused;
    }

    /// <inheritdoc/>
    public override string Describe(Holder state) => state.IsThere ? $"held by {state}" : "free";

    /// <summary>One holder at a time, who alone gives back.</summary>
    internal static bool TryOwn(Holder state, Operation operation, out Holder next)
    {
        var acquires = operation.Function == "acquire";
        var fits = acquires ? !state.IsThere : state.Is(operation.Process);
        next = operation.WasRefused ? state
            : acquires ? Holder.Of(operation.Process)
            : Holder.Nobody;
        return fits != operation.WasRefused;
    }
}

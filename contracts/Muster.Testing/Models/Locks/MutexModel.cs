namespace Muster.Testing;

/// <summary>
/// A lock that one holds and anybody gives back. <c>acquire</c> takes it when it is free, <c>release</c>
/// frees it when it is held. Ok with <c>result</c> false: the acquire saw it held, the release saw it free.
/// </summary>
public sealed class MutexModel : Model<bool>
{
    /// <inheritdoc/>
    public override string Name => "mutex";

    /// <inheritdoc/>
    public override string Description =>
        "acquire takes the lock when it is free, anybody's release frees it when it is held. Ok with result "
        + "false: the acquire saw it held, the release saw it free."
        + MayBeLost;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["acquire", "release"];

    /// <inheritdoc/>
    public override bool Initial => false;

    /// <inheritdoc/>
    public override bool IsBounded => true;

    /// <inheritdoc/>
    public override bool DependsOnProcess => false;

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return ProblemOfValue(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(bool state, Operation operation, out bool next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var acquires = operation.Function == "acquire";
        next = operation.WasRefused ? state : acquires;
        return state != acquires ^ operation.WasRefused;
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.WasRefused;
    }

    /// <inheritdoc/>
    public override string Describe(bool state) => state ? "held" : "free";
}

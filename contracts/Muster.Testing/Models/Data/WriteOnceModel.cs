namespace Muster.Testing;

/// <summary>
/// A value that is decided once, null before. <c>propose</c> decides it when nothing is decided, and answers
/// what is decided, its own value or the one that was there; <c>read</c> answers it too.
/// </summary>
public sealed class WriteOnceModel : RegisterModel
{
    /// <inheritdoc/>
    public override string Name => "write-once";

    /// <inheritdoc/>
    public override string Description =>
        "One value, null until it is decided. The first propose decides it; an ok propose and an ok read "
        + "carry what is decided.";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["read", "propose"];

    /// <inheritdoc/>
    public override string? ProblemOfCall(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation is { Function: "propose", Argument.IsNull: true } ? "null cannot be decided." : null;
    }

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation is { Function: "propose", Answer.IsNull: true }
            ? "a propose answers what is decided."
            : base.ProblemOfAnswer(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(Value state, Operation operation, out Value next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        next = operation.Function == "propose" && state.IsNull ? operation.Argument : state;
        return operation.Outcome != Outcome.Ok || next == operation.Answer;
    }

    /// <summary>A read, and a proposal that was answered with another's value.</summary>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function == "read"
            || (operation.Outcome == Outcome.Ok && operation.Answer != operation.Argument);
    }

    /// <inheritdoc/>
    protected override bool Writes(Operation operation, out Value value)
    {
        ArgumentNullException.ThrowIfNull(operation);
        value = operation.Argument;
        return operation.Function == "propose";
    }

    /// <inheritdoc/>
    protected override bool Sees(Operation operation, out Value value)
    {
        ArgumentNullException.ThrowIfNull(operation);
        value = operation.Answer;
        return true;
    }
}

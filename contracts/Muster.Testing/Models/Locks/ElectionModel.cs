namespace Muster.Testing;

/// <summary>
/// At most one leader. <c>elect</c> makes its process the leader when there is none; ok may carry the leader
/// that was seen, as a process number: another than its own, or with <c>result</c> false, it was not elected
/// and saw that one lead. <c>resign</c> is the leader's alone; ok with false saw that its process did not
/// lead.
/// </summary>
public sealed class ElectionModel : Model<Holder>
{
    /// <inheritdoc/>
    public override string Name => "election";

    /// <inheritdoc/>
    public override string Description =>
        "elect makes its process the leader when there is none; an ok that carries another process' number, "
        + "or result false, saw that leader instead. Only the leader resigns; one that may be deposed is "
        + "followed by a resign of unknown outcome, from when it knew last that it leads.";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["elect", "resign"];

    /// <inheritdoc/>
    public override Holder Initial => Holder.Nobody;

    /// <inheritdoc/>
    public override bool IsBounded => true;

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Function != "elect" || !HasSeen(operation))
        {
            return null;
        }
        return operation.Answer.WholeNumber is not { } seen
            ? "an elect's answer is the leader's process number."
            : operation.Result == true && seen != operation.Process
                ? "an elect with result true saw another leader than itself."
            : null;
    }

    /// <inheritdoc/>
    public override bool TryStep(Holder state, Operation operation, out Holder next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        next = state;
        if (Observes(operation))
        {
            return operation.Function == "resign" ? !state.Is(operation.Process)
                : HasSeen(operation) ? state.Is(operation.Answer.WholeNumber ?? operation.Process)
                : state.IsThere;
        }
        var elects = operation.Function == "elect";
        next = elects ? Holder.Of(operation.Process) : Holder.Nobody;
        return elects ? !state.IsThere : state.Is(operation.Process);
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.WasRefused
            || (operation is { Function: "elect", Outcome: Outcome.Ok } && HasSeen(operation)
                && operation.Answer.WholeNumber != operation.Process);
    }

    /// <inheritdoc/>
    public override string Describe(Holder state) => state.IsThere ? $"led by {state}" : "without a leader";

    /// <summary>An answer that repeats the argument, as completions may, tells of no leader.</summary>
    private static bool HasSeen(Operation operation) =>
        !operation.Answer.IsNull && (operation.Answer != operation.Argument || operation.WasRefused);
}

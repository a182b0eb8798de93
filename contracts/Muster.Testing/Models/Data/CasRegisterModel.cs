namespace Muster.Testing;

/// <summary>
/// A register with compare-and-set. <c>cas</c> takes the pair [expected, new]: ok with <c>result</c> true
/// (or without) means that the value was the expected one and is the new one now; ok with false, that it was
/// seen to be another. One of unknown outcome either matched and took effect, or had none.
/// </summary>
public sealed class CasRegisterModel : RegisterModel
{
    /// <summary>A register of any values.</summary>
    public CasRegisterModel()
    {
    }

    private CasRegisterModel(HashSet<Value> wanted) : base(wanted)
    {
    }

    /// <inheritdoc/>
    public override string Name => "cas-register";

    /// <inheritdoc/>
    public override string Description =>
        "A register with cas, whose value is [expected, new]: ok with result true (or none) replaced the "
        + "expected value, ok with result false saw another one.";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["read", "write", "cas"];

    /// <inheritdoc/>
    public override string? ProblemOfCall(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function != "cas" || operation.Argument.Items.Count == 2
            ? null
            : "a cas' value is [expected, new].";
    }

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function == "cas" ? ProblemOfValue(operation) : base.ProblemOfAnswer(operation);
    }

    /// <summary>
    /// A write of unknown outcome of a value that no read has seen and no cas expects is left out, where no
    /// cas saw that the value was another one.
    /// </summary>
    public override Model<Value> Specialize(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        return operations.Any(operation => operation is { Function: "cas", WasRefused: true })
            ? this
            : new CasRegisterModel(
            [
                .. operations.Where(operation => operation.Function == "cas")
                    .Select(operation => operation.Argument.Items[0]),
                .. operations.Where(operation => operation is { Function: "read", Outcome: Outcome.Ok })
                    .Select(operation => operation.Answer),
            ]);
    }

    /// <inheritdoc/>
    public override bool TryStep(Value state, Operation operation, out Value next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Function != "cas")
        {
            return base.TryStep(state, operation, out next);
        }
        var matches = state == operation.Argument.Items[0];
        next = operation.WasRefused ? state : operation.Argument.Items[1];
        return matches != operation.WasRefused;
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation) =>
        base.Observes(operation) || (operation.Function == "cas" && operation.WasRefused);

    /// <inheritdoc/>
    protected override bool Writes(Operation operation, out Value value)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Function != "cas")
        {
            return base.Writes(operation, out value);
        }
        value = operation.Argument.Items[1];
        return !operation.WasRefused;
    }

    /// <inheritdoc/>
    protected override bool Sees(Operation operation, out Value value)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Function != "cas")
        {
            return base.Sees(operation, out value);
        }
        value = operation.Argument.Items[0];
        return !operation.WasRefused;
    }
}

namespace Muster.Testing;

/// <summary>
/// One value, null at first. <c>write</c> sets it to its value; <c>read</c> answers it. A register without
/// compare-and-set: see <see cref="CasRegisterModel"/>.
/// </summary>
public class RegisterModel : Model<Value>
{
    // What is of use to somebody; null: not known, everything may be.
    private readonly HashSet<Value>? _wanted;

    /// <summary>A register of any values.</summary>
    public RegisterModel()
    {
    }

    private protected RegisterModel(HashSet<Value> wanted) => _wanted = wanted;

    /// <inheritdoc/>
    public override string Name => "register";

    /// <inheritdoc/>
    public override string Description =>
        "One value, null at first. write sets it; an ok read carries the value it saw.";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["read", "write"];

    /// <inheritdoc/>
    public sealed override Value Initial => Value.Null;

    /// <inheritdoc/>
    public sealed override bool IsBounded => true;

    /// <inheritdoc/>
    public sealed override bool DependsOnProcess => false;

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return ProblemOfRefusal(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(Value state, Operation operation, out Value next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Function == "write")
        {
            if (operation.Outcome == Outcome.Unknown && _wanted?.Contains(operation.Argument) == false)
            {
                next = state;
                return false;
            }
            next = operation.Argument;
            return true;
        }
        next = state;
        return operation.Outcome != Outcome.Ok || state == operation.Answer;
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function == "read";
    }

    /// <summary>
    /// A write of unknown outcome that no read has seen is left out: where it stood in an order, nobody
    /// looked before the next one, and the order without it is as good. A derived model has its own rules.
    /// </summary>
    public override Model<Value> Specialize(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        return GetType() != typeof(RegisterModel) ? this : new RegisterModel([.. operations
            .Where(operation => operation is { Function: "read", Outcome: Outcome.Ok })
            .Select(operation => operation.Answer)]);
    }

    /// <summary>One that saw a value which nobody had begun to write.</summary>
    public override Operation? FindImpossible(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var firstWritten = new Dictionary<Value, long> { [Initial] = long.MinValue };
        foreach (var operation in operations)
        {
            if (Writes(operation, out var value))
            {
                firstWritten.TryAdd(value, operation.InvokedAt);
            }
        }
        return operations.FirstOrDefault(operation => operation.Outcome == Outcome.Ok
            && Sees(operation, out var value)
            && !(firstWritten.TryGetValue(value, out var first) && first < operation.CompletedAt));
    }

    /// <summary>Whether it may set the register, and to what.</summary>
    protected virtual bool Writes(Operation operation, out Value value)
    {
        ArgumentNullException.ThrowIfNull(operation);
        value = operation.Argument;
        return operation.Function == "write";
    }

    /// <summary>Whether it tells what the register was, and what.</summary>
    protected virtual bool Sees(Operation operation, out Value value)
    {
        ArgumentNullException.ThrowIfNull(operation);
        value = operation.Answer;
        return operation.Function == "read";
    }
}

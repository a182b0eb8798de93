namespace Muster.Testing;

/// <summary>
/// One value, null at first. <c>write</c> sets it to its value; <c>read</c> answers it. A register without
/// compare-and-set: see <see cref="CasRegisterModel"/>.
/// </summary>
public class RegisterModel : Model<Value>
{
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
    public override bool TryStep(Value state, Operation operation, out Value next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Function == "write")
        {
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

    /// <summary>One that saw a value which nobody had begun to write.</summary>
    public override Operation? FindImpossible(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var firstWritten = new Dictionary<Value, long> { [Initial] = 0 };
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

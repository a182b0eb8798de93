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
}

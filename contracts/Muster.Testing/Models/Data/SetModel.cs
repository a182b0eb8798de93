namespace Muster.Testing;

/// <summary>
/// A set that grows, empty at first. <c>add</c> puts its value in, once or again; an ok <c>read</c> carries
/// a list of all that it saw, in any order.
/// </summary>
public sealed class SetModel : Model<SetState>
{
    private const int NodeBytes = 96;

    // What some read saw; null: not known, everything may be seen.
    private readonly HashSet<Value>? _seen;

    // Of each value: how much the fullest set had that was read without it.
    private readonly Dictionary<Value, int>? _missedWith;

    /// <summary>A set of any values.</summary>
    public SetModel()
    {
    }

    private SetModel(HashSet<Value> seen, Dictionary<Value, int> missedWith) =>
        (_seen, _missedWith) = (seen, missedWith);

    /// <inheritdoc/>
    public override string Name => "set";

    /// <inheritdoc/>
    public override string Description =>
        "A set that grows, empty at first. add puts its value in; an ok read carries a list of all that it "
        + "saw, in any order.";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["add", "read"];

    /// <inheritdoc/>
    public override SetState Initial => SetState.Empty;

    /// <inheritdoc/>
    public override bool IsBounded => true;

    /// <inheritdoc/>
    public override bool DependsOnProcess => false;

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function == "read" && operation.Answer.Kind != ValueKind.List
            ? "a set's read answers a list."
            : ProblemOfRefusal(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(SetState state, Operation operation, out SetState next)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(operation);
        next = state;
        if (operation.Function == "read")
        {
            return operation.Outcome != Outcome.Ok || state.Holds(operation.Answer);
        }
        if (operation.Outcome == Outcome.Unknown && _seen?.Contains(operation.Argument) == false)
        {
            return false;
        }
        next = state.Add(operation.Argument);
        // Who read it without this value did so before, and saw no more than there is.
        return ReferenceEquals(next, state) || _missedWith is null
            || state.Count >= _missedWith.GetValueOrDefault(operation.Argument);
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function == "read";
    }

    /// <summary>
    /// An add of unknown outcome that no read has seen is left out: no read misses it, and where it stood in
    /// an order, the order without it is as good. And a value is not added before what was read without it.
    /// </summary>
    public override Model<SetState> Specialize(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var reads = operations
            .Where(operation => operation is { Function: "read", Outcome: Outcome.Ok })
            .Select(operation => operation.Answer.Items.ToHashSet())
            .OrderByDescending(seen => seen.Count).ToList();
        var missedWith = operations.Where(operation => operation.Function == "add")
            .Select(operation => operation.Argument).Distinct()
            .ToDictionary(value => value, value => reads.Find(seen => !seen.Contains(value))?.Count ?? 0);
        return new SetModel([.. reads.SelectMany(seen => seen)], missedWith);
    }

    /// <summary>A read of what nobody had begun to add, or without what was added before it.</summary>
    public override Operation? FindImpossible(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var adds = operations.Where(operation => operation.Function == "add").ToList();
        var firstInvoked = new Dictionary<Value, long>();
        foreach (var add in adds)
        {
            firstInvoked.TryAdd(add.Argument, add.InvokedAt);
        }
        var added = adds.Where(add => add.Outcome == Outcome.Ok).OrderBy(add => add.CompletedAt).ToList();
        return operations.FirstOrDefault(read =>
        {
            if (read is not { Function: "read", Outcome: Outcome.Ok })
            {
                return false;
            }
            var seen = read.Answer.Items.ToHashSet();
            return seen.Any(value =>
                    !(firstInvoked.TryGetValue(value, out var first) && first < read.CompletedAt))
                || added.TakeWhile(add => add.CompletedAt < read.InvokedAt)
                    .Any(add => !seen.Contains(add.Argument));
        });
    }

    // Sets share most of their nodes with those they were made from.
    /// <inheritdoc/>
    public override int EstimateBytes(SetState state) => 4 * NodeBytes;
}

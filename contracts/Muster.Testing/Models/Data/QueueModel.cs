namespace Muster.Testing;

/// <summary>
/// A queue, first in first out, empty at first. <c>enqueue</c> puts its value, never null, at the end; an ok
/// <c>dequeue</c> carries the value that it took from the front, or null when it saw the queue empty.
/// </summary>
public sealed class QueueModel : Model<QueueState>
{
    private const int StateBytes = 128;
    private const int ValueBytes = 24;

    private readonly DequeueOrder? _order;

    /// <summary>A queue of any values.</summary>
    public QueueModel()
    {
    }

    private QueueModel(DequeueOrder order) => _order = order;

    /// <inheritdoc/>
    public override string Name => "queue";

    /// <inheritdoc/>
    public override string Description =>
        "First in first out, empty at first. enqueue puts its value at the end; an ok dequeue carries what "
        + "it took from the front, or null when it saw the queue empty.";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["enqueue", "dequeue"];

    /// <inheritdoc/>
    public override QueueState Initial => QueueState.Empty;

    /// <inheritdoc/>
    public override bool DependsOnProcess => false;

    /// <inheritdoc/>
    public override string? ProblemOfCall(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function == "enqueue" && operation.Argument.IsNull
            ? "an enqueue needs a value: null is what a dequeue of an empty queue answers."
            : null;
    }

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var sawEmpty = operation.Function == "dequeue" && operation.Answer.IsNull;
        return sawEmpty ? null : ProblemOfRefusal(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(QueueState state, Operation operation, out QueueState next)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(operation);
        next = state;
        if (operation.Function == "enqueue")
        {
            if (_order?.AllowsBehind(state, operation) == false)
            {
                return false;
            }
            next = state.Enqueue(operation.Argument);
            return true;
        }
        if (Observes(operation))
        {
            return state.Count == 0;
        }
        if (state.Count == 0 || (operation.Outcome == Outcome.Ok && state.Items[0] != operation.Answer))
        {
            return false;
        }
        next = state.Dequeue();
        return true;
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation is { Function: "dequeue", Outcome: Outcome.Ok, Answer.IsNull: true };
    }

    /// <inheritdoc/>
    public override Model<QueueState> Specialize(IReadOnlyList<Operation> operations) =>
        DequeueOrder.Of(operations) is { } order ? new QueueModel(order) : this;

    /// <summary>
    /// A dequeue of what nobody had begun to enqueue, or of one more than were enqueued; where every value
    /// was enqueued once, any dequeue out of order and any that saw a filled queue empty.
    /// </summary>
    public override Operation? FindImpossible(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var enqueued = operations.Where(operation => operation.Function == "enqueue")
            .GroupBy(operation => operation.Argument)
            .ToDictionary(value => value.Key, value => new Queue<Operation>(value));
        var fromNowhere = operations.Where(QueueViolations.IsTaking)
            .OrderBy(operation => operation.CompletedAt)
            .FirstOrDefault(dequeue => !(enqueued.TryGetValue(dequeue.Answer, out var left)
                && left.TryDequeue(out var enqueue) && enqueue.InvokedAt < dequeue.CompletedAt));
        return fromNowhere ?? QueueViolations.Of(operations)?.Find();
    }

    /// <summary>Where every value was enqueued once, and no dequeue is of unknown outcome.</summary>
    public override bool FindsAllImpossible(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        return DequeueOrder.Of(operations) is { AllIsKnown: true };
    }

    /// <inheritdoc/>
    public override int EstimateBytes(QueueState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return StateBytes + ValueBytes * Math.Max(2, state.OwnPlaces);
    }
}

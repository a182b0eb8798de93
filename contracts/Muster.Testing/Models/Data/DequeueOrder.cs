namespace Muster.Testing;

/// <summary>
/// When each value of a queue was taken out, where every value was put in once: concurrent enqueues can then
/// only have happened in an order that the dequeues allow, and the search need not try the others, which are
/// too many to try.
/// </summary>
internal sealed class DequeueOrder
{
    private readonly Dictionary<Value, Operation> _dequeues;

    private DequeueOrder(Dictionary<Value, Operation> dequeues, bool allIsKnown) =>
        (_dequeues, AllIsKnown) = (dequeues, allIsKnown);

    /// <summary>No dequeue of unknown outcome may have taken what no known one has.</summary>
    public bool AllIsKnown { get; }

    /// <summary>Null when a value was put in or taken out twice.</summary>
    public static DequeueOrder? Of(IReadOnlyList<Operation> operations)
    {
        var enqueued = new HashSet<Value>();
        var dequeues = new Dictionary<Value, Operation>();
        foreach (var operation in operations)
        {
            var isNew = operation.Function == "enqueue"
                ? enqueued.Add(operation.Argument)
                : operation.Outcome != Outcome.Ok || operation.Answer.IsNull
                    || dequeues.TryAdd(operation.Answer, operation);
            if (!isNew)
            {
                return null;
            }
        }
        var allIsKnown = !operations.Any(
            operation => operation is { Function: "dequeue", Outcome: Outcome.Unknown });
        return new DequeueOrder(dequeues, allIsKnown);
    }

    /// <summary>Whether a value may be put behind those that wait.</summary>
    public bool AllowsBehind(QueueState waiting, Operation enqueue)
    {
        var isTaken = _dequeues.TryGetValue(enqueue.Argument, out var taken);
        if (!isTaken && enqueue.Outcome == Outcome.Unknown)
        {
            // Nobody is known to have taken it: an order in which it never went in is as good, without the
            // dequeue of unknown outcome that took it, if one did.
            return false;
        }
        if (!isTaken)
        {
            return true;
        }
        foreach (var earlier in waiting.Items)
        {
            if (_dequeues.TryGetValue(earlier, out var before)
                ? taken!.CompletedAt < before.InvokedAt
                : AllIsKnown)
            {
                return false;
            }
        }
        return true;
    }
}

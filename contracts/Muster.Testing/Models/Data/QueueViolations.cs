namespace Muster.Testing;

/// <summary>
/// What can be wrong with a queue whose values are put in once each, and all that can be (Henzinger, Sezgin
/// and Vafeiadis, "Aspect-oriented linearizability proofs", 2013): a value taken that was not put in, or
/// twice; a value taken before one that was put in before it; a queue seen empty while at each instant some
/// value was in it. Each is found by sorting; the orders of a long queue are too many to search.
/// </summary>
internal sealed class QueueViolations
{
    private readonly IReadOnlyList<Operation> _operations;
    private readonly List<Item> _items;

    private QueueViolations(IReadOnlyList<Operation> operations, List<Item> items) =>
        (_operations, _items) = (operations, items);

    /// <summary>Null when a value was put in twice: then there is more that can be wrong.</summary>
    public static QueueViolations? Of(IReadOnlyList<Operation> operations)
    {
        var items = new Dictionary<Value, Operation>();
        if (operations.Any(operation =>
            operation.Function == "enqueue" && !items.TryAdd(operation.Argument, operation)))
        {
            return null;
        }
        var taken = operations.Where(IsTaking).ToLookup(dequeue => dequeue.Answer);
        // What nobody is known to have taken may be gone since the first dequeue of unknown outcome.
        var firstUnknown = operations.FirstOrDefault(
            operation => operation is { Function: "dequeue", Outcome: Outcome.Unknown });
        var maybeTakenFrom = firstUnknown?.InvokedAt ?? long.MaxValue;
        return new QueueViolations(operations, [.. items.Values
            .Select(enqueue => new Item(enqueue, taken[enqueue.Argument].FirstOrDefault(), maybeTakenFrom))
            .OrderBy(item => item.Enqueue.CompletedAt)]);
    }

    public static bool IsTaking(Operation operation) =>
        operation is { Function: "dequeue", Outcome: Outcome.Ok, Answer.IsNull: false };

    /// <summary>The operation that cannot be explained, or null.</summary>
    public Operation? Find() => FindOvertaking() ?? FindEmpty();

    /// <summary>
    /// Values put in one after the other and taken the other way round. For each value that was taken: the
    /// latest taking of all that were in before it, by the values in the order of their enqueues'
    /// completions.
    /// </summary>
    private Operation? FindOvertaking()
    {
        var before = new Queue<Item>(_items);
        var latest = long.MinValue;
        foreach (var item in _items.OrderBy(item => item.Enqueue.InvokedAt))
        {
            while (before.TryPeek(out var earlier) && earlier.Enqueue.CompletedAt < item.Enqueue.InvokedAt)
            {
                latest = Math.Max(latest, before.Dequeue().TakenFrom);
            }
            if (item.Dequeue is { } dequeue && latest > dequeue.CompletedAt)
            {
                return dequeue;
            }
        }
        return null;
    }

    /// <summary>A queue seen empty between events of which none found it possibly empty.</summary>
    private Operation? FindEmpty()
    {
        // Stretches, joined, in which some value was in the queue for certain.
        var filled = new List<(long From, long To)>();
        foreach (var item in _items.Where(item => item.Enqueue.CompletedAt < item.TakenFrom))
        {
            var (from, to) = (item.Enqueue.CompletedAt, item.TakenFrom);
            if (filled.Count > 0 && from <= filled[^1].To)
            {
                filled[^1] = (filled[^1].From, Math.Max(filled[^1].To, to));
            }
            else
            {
                filled.Add((from, to));
            }
        }
        // Stretches and operations are in the order of their beginnings: of each the last one begun counts.
        var begun = 0;
        foreach (var operation in _operations)
        {
            for (; begun < filled.Count && filled[begun].From <= operation.InvokedAt; begun++)
            {
            }
            if (operation is { Function: "dequeue", Outcome: Outcome.Ok, Answer.IsNull: true }
                && begun > 0 && filled[begun - 1].To >= operation.CompletedAt)
            {
                return operation;
            }
        }
        return null;
    }

    /// <summary>A value's way through the queue.</summary>
    private sealed record Item(Operation Enqueue, Operation? Dequeue, long MaybeTakenFrom)
    {
        /// <summary>Until then it was in the queue, once it was.</summary>
        public long TakenFrom => Dequeue?.InvokedAt ?? MaybeTakenFrom;
    }
}

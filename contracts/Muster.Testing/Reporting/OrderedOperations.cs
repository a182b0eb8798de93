namespace Muster.Testing;

/// <summary>
/// What of a failing part is shown: the last operations by invocation, and before them the last of those that
/// have no place in the order.
/// </summary>
internal sealed class OrderedOperations
{
    private readonly Dictionary<Operation, int> _places;

    public OrderedOperations(FailingPart part, int most)
    {
        _places = new(ReferenceEqualityComparer.Instance);
        for (var place = 0; place < part.Order.Count; place++)
        {
            _places.Add(part.Order[place], place + 1);
        }
        var last = Math.Max(0, part.Operations.Count - most);
        var before = part.Operations.Take(last);
        Operations =
        [
            .. before.Where(IsUnexplained).TakeLast(most - 1)
                .Append(part.Blocked).Distinct().Intersect(before)
                .OrderBy(operation => operation.InvokedAt),
            .. part.Operations.Skip(last),
        ];
        LeftOut = part.Operations.Count - Operations.Count;
    }

    /// <summary>Those shown, in the order of their invocations.</summary>
    public IReadOnlyList<Operation> Operations { get; }

    public int LeftOut { get; }

    /// <summary>Its place in the longest order, from 1; null when it is not there.</summary>
    public int? PlaceOf(Operation operation) =>
        _places.TryGetValue(operation, out var place) ? place : null;

    private bool IsUnexplained(Operation operation) =>
        operation.Outcome == Outcome.Ok && !_places.ContainsKey(operation);
}

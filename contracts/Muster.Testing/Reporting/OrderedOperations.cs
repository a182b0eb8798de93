namespace Muster.Testing;

/// <summary>
/// What of a failing part is shown: the last operations by invocation, and any before them that the order has
/// not placed among those left out.
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
        var unshown = part.Operations.Count - most;
        Operations = [.. part.Operations.Where((operation, index) =>
            index >= unshown || ReferenceEquals(operation, part.Blocked) || IsUnexplained(operation))];
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

namespace Muster.Testing;

/// <summary>
/// One key's operations as its search wants them: those that must be in the order, and the others.
/// </summary>
internal sealed class KeyHistory<TState>
    where TState : notnull
{
    private readonly bool[] _observations;
    // Operations of one kind are the same to the model.
    private readonly int[] _kinds;
    private readonly int[] _sizes;

    public KeyHistory(Model<TState> model, IReadOnlyList<Operation> operations, SearchRules rules)
    {
        // An observation that nobody saw the answer of tells nothing.
        All = [.. operations
            .Where(operation => operation.Outcome == Outcome.Ok || !model.Observes(operation))
            .OrderBy(operation => operation.InvokedAt)];
        Known = [.. All.Where(operation => operation.Outcome == Outcome.Ok)];
        Unknown = new UnknownOperations(
            [.. All.Where(operation => operation.Outcome == Outcome.Unknown)], model.DependsOnProcess,
            rules.RepeatsUnknown);
        _observations = [.. Known.Select(model.Observes)];
        var kinds = new Dictionary<Operation, int>();
        _kinds = [.. Known.Select(operation => KindOf(operation, model.DependsOnProcess))
            .Select(kind => kinds.TryAdd(kind, kinds.Count) ? kinds.Count - 1 : kinds[kind])];
        _sizes = new int[kinds.Count];
        foreach (var kind in _kinds)
        {
            _sizes[kind]++;
        }
        Model = rules.Specializes ? model.Specialize(All) : model;
    }

    public Model<TState> Model { get; }

    public IReadOnlyList<Operation> All { get; }

    /// <summary>Those that took effect, in the order of their invocations.</summary>
    public Operation[] Known { get; }

    public UnknownOperations Unknown { get; }

    public bool IsObservation(int known) => _observations[known];

    public bool HasTwins(int known) => _sizes[_kinds[known]] > 1;

    /// <summary>Whether the one is the same to the model as the other, and completes before it.</summary>
    public bool IsUrgentTwin(int one, int other) =>
        _kinds[one] == _kinds[other] && Known[one].CompletedAt < Known[other].CompletedAt;

    /// <summary>The operation that a <see cref="Move"/> numbers.</summary>
    public Operation At(int number) => number >= 0 ? Known[number] : Unknown[~number];

    private static Operation KindOf(Operation operation, bool dependsOnProcess) => operation with
    {
        Process = dependsOnProcess ? operation.Process : 0,
        InvokedAt = 0,
        CompletedAt = 0,
        InvokedTime = null,
        CompletedTime = null,
    };
}

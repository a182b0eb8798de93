namespace Muster.Testing;

/// <summary>One key's operations as its search wants them: those that must be in the order, and the others.</summary>
internal sealed class KeyHistory<TState>
    where TState : notnull
{
    private readonly bool[] _observations;

    public KeyHistory(Model<TState> model, IReadOnlyList<Operation> operations, bool specializes)
    {
        // An observation that nobody saw the answer of tells nothing.
        All = [.. operations
            .Where(operation => operation.Outcome == Outcome.Ok || !model.Observes(operation))
            .OrderBy(operation => operation.InvokedAt)];
        Known = [.. All.Where(operation => operation.Outcome == Outcome.Ok)];
        Unknown = new UnknownOperations(
            [.. All.Where(operation => operation.Outcome == Outcome.Unknown)], model.DependsOnProcess);
        _observations = [.. Known.Select(model.Observes)];
        Model = specializes ? model.Specialize(All) : model;
    }

    public Model<TState> Model { get; }

    public IReadOnlyList<Operation> All { get; }

    /// <summary>Those that took effect, in the order of their invocations.</summary>
    public Operation[] Known { get; }

    public UnknownOperations Unknown { get; }

    public bool IsObservation(int known) => _observations[known];

    /// <summary>The operation that a <see cref="Move"/> numbers.</summary>
    public Operation At(int number) => number >= 0 ? Known[number] : Unknown[~number];
}

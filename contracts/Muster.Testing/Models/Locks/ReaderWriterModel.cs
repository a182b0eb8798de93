namespace Muster.Testing;

/// <summary>
/// A lock of many readers or one writer. <c>acquire</c> with the value "read" needs that nobody writes; with
/// "write", or without a value, that nobody holds it at all. <c>release</c> gives back what its process
/// holds; its value, where it has one, says which. Ok with <c>result</c> false: it was seen that it could
/// not be had, or that the process held no such thing.
/// </summary>
public sealed class ReaderWriterModel : Model<SharedState>
{
    // Processes that give something back; null: not known.
    private readonly HashSet<long>? _releasing;

    /// <summary>A lock of any history.</summary>
    public ReaderWriterModel()
    {
    }

    private ReaderWriterModel(HashSet<long> releasing) => _releasing = releasing;

    /// <inheritdoc/>
    public override string Name => "reader-writer";

    /// <inheritdoc/>
    public override string Description =>
        "acquire with the value \"read\" needs that nobody writes, with \"write\" (or none) that nobody "
        + "holds it. release gives back what its process holds. Ok with result false: it could not be done."
        + MayBeLost;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["acquire", "release"];

    /// <inheritdoc/>
    public override SharedState Initial => SharedState.Free;

    /// <inheritdoc/>
    public override string? ProblemOfCall(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Argument.IsNull || operation.Argument.Text is "read" or "write"
            ? null
            : "a reader-writer lock's value is \"read\" or \"write\".";
    }

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return ProblemOfValue(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(SharedState state, Operation operation, out SharedState next)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(operation);
        if (operation is { Function: "acquire", Outcome: Outcome.Unknown }
            && _releasing?.Contains(operation.Process) == false)
        {
            next = state;
            return false;
        }
        var done = operation.Function == "acquire" ? Acquire(state, operation) : Release(state, operation);
        next = operation.WasRefused ? state : done ?? state;
        return done is null == operation.WasRefused;
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.WasRefused;
    }

    /// <summary>
    /// An acquire of unknown outcome by a process that gives nothing back is left out, where nobody saw that
    /// the lock could not be had: it could only stand in the way.
    /// </summary>
    public override Model<SharedState> Specialize(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        return operations.Any(operation => operation is { Function: "acquire", WasRefused: true })
            ? this
            : new ReaderWriterModel([.. operations
                .Where(operation => operation.Function == "release").Select(operation => operation.Process)]);
    }

    /// <inheritdoc/>
    public override int EstimateBytes(SharedState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return 80 + sizeof(long) * state.Readers.Count;
    }

    private static SharedState? Acquire(SharedState state, Operation operation) =>
        state.Writer.IsThere ? null
        : operation.Argument.Text == "read" ? state.WithReader(operation.Process)
        : state.Readers.Count == 0 ? state.WithWriter(Holder.Of(operation.Process))
        : null;

    private static SharedState? Release(SharedState state, Operation operation)
    {
        if (state.Writer.Is(operation.Process))
        {
            return operation.Argument.Text == "read" ? null : state.WithWriter(Holder.Nobody);
        }
        var without = state.WithoutReader(operation.Process);
        return operation.Argument.Text == "write" || ReferenceEquals(without, state) ? null : without;
    }
}

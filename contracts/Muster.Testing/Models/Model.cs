namespace Muster.Testing;

/// <summary>
/// What one object does when operations come one after the other: what a history is judged by. Derive from
/// <see cref="Model{TState}"/> to write one; <see cref="Models"/> has those that are there.
/// </summary>
public abstract class Model
{
    // What a lease service does by itself, in the words of a history.
    private protected const string MayBeLost =
        " A hold that may end by itself is followed by a release of unknown outcome, from when its holder "
        + "knew of it last.";

    private protected Model()
    {
    }

    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What its operations mean, in a few sentences.</summary>
    public abstract string Description { get; }

    /// <summary>The functions it knows; a history with any other is refused as unreadable.</summary>
    public abstract IReadOnlyCollection<string> Functions { get; }

    /// <summary>Why an invocation cannot be read, or null.</summary>
    public virtual string? ProblemOfCall(Operation operation) => null;

    /// <summary>
    /// Why what an operation answered cannot be read, or null; asked for those that ended ok.
    /// </summary>
    public virtual string? ProblemOfAnswer(Operation operation) => null;

    /// <summary>Why a function that is done, or fails, cannot have been refused; or null.</summary>
    private protected static string? ProblemOfRefusal(Operation operation) => operation.Result == false
        ? $"{operation.Function} has no result false: it is done, or it failed."
        : null;

    /// <summary>
    /// Why an answer looks as if it was meant otherwise, or null: a refusal is a result, and a token a token.
    /// </summary>
    private protected static string? ProblemOfValue(Operation operation) =>
        operation.Answer.Boolean is not null && operation.Answer != operation.Argument
            ? $"{operation.Function} carries no true or false as its value: that is its result."
            : null;

    /// <summary>
    /// An operation that ended ok and that nothing in one key's history explains, whatever the order (a read
    /// of what nobody wrote); null where none is seen at a glance. It saves a search.
    /// </summary>
    /// <param name="operations">All of the key that did not fail, in the order of their invocations.</param>
    public virtual Operation? FindImpossible(IReadOnlyList<Operation> operations) => null;

    /// <summary>
    /// Whether <see cref="FindImpossible"/> finds an operation in these whenever no order explains them: then
    /// none is searched.
    /// </summary>
    public virtual bool FindsAllImpossible(IReadOnlyList<Operation> operations) => false;

    /// <summary>
    /// Whether a few states are all there are, however often operations are repeated: a register's values,
    /// not the contents of a queue. Histories of many unknown outcomes are then refuted sooner. False is
    /// always right.
    /// </summary>
    public virtual bool IsBounded => false;

    internal abstract KeySearch NewSearch(KeyOperations key, SearchRules rules);
}

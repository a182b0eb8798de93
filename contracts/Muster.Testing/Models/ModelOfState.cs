using System.Diagnostics.CodeAnalysis;

namespace Muster.Testing;

/// <summary>
/// A model with states of one type. A state is immutable and equal to another by its value, with a hash code
/// to match: a record, a number, a string. One instance of a model is used by many threads.
/// </summary>
/// <typeparam name="TState">The type of its states.</typeparam>
public abstract class Model<TState> : Model
    where TState : notnull
{
    /// <summary>The state of an object that nobody has used.</summary>
    public abstract TState Initial { get; }

    /// <summary>
    /// Whether an owner matters: false when operations of two processes that are alike otherwise are one
    /// and the same to the model, which makes histories with many unknown outcomes cheaper.
    /// </summary>
    public virtual bool DependsOnProcess => true;

    /// <summary>
    /// Applies an operation where it takes effect. One that ended ok must fit its answer; one of unknown
    /// outcome is applied as if it was done, and where it could not be, the answer is false.
    /// </summary>
    /// <returns>Whether the operation, with its answer, can happen in that state.</returns>
    public abstract bool TryStep(TState state, Operation operation, [MaybeNullWhen(false)] out TState next);

    /// <summary>
    /// Whether an operation, with this answer, changes no state whatsoever: a read. It is then put where it
    /// fits first, without trying others, and left out when its outcome is unknown. False is always right.
    /// </summary>
    public virtual bool Observes(Operation operation) => false;

    /// <summary>
    /// A model that may know all operations of one key beforehand, to refuse steps from which no order of
    /// the rest could lead to the end. This one, when there is nothing to gain.
    /// </summary>
    public virtual Model<TState> Specialize(IReadOnlyList<Operation> operations) => this;

    /// <summary>A state for people.</summary>
    public virtual string Describe(TState state) => state.ToString() ?? "";

    /// <summary>About how many bytes a state takes, for the bound of the memory.</summary>
    public virtual int EstimateBytes(TState state) => 32;

    internal sealed override KeySearch NewSearch(KeyOperations key, SearchRules rules) =>
        new KeySearch<TState>(this, key, rules);
}

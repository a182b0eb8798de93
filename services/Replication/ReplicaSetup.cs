using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>
/// What a runtime runs. The machines belong to the runtime's loop: reach it through queries only.
/// </summary>
public sealed record ReplicaSetup<TCommand, TEffect>
{
    public required ReplicaOptions Options { get; init; }

    /// <summary>
    /// Makes an empty machine: at the start, and each time the group's log was replaced by that of a cluster
    /// that was bootstrapped anew. Called on the loop; queries are asked of the newest one.
    /// </summary>
    public required Func<IStateMachine<TEffect>> NewMachine { get; init; }

    /// <summary>
    /// Commands to an entry's body, never empty; called on the loop, possibly again with fewer commands.
    /// </summary>
    public required Func<IReadOnlyList<TCommand>, byte[]> Encode { get; init; }

    /// <summary>
    /// The version of the machine that a command needs; it is refused until that is in force. Null: none.
    /// </summary>
    public Func<TCommand, int>? VersionOf { get; init; }

    public required IEffectSink<TCommand, TEffect> Sink { get; init; }
}

using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>
/// What a runtime runs. The machine belongs to the runtime's loop: reach it through queries only.
/// </summary>
public sealed record ReplicaSetup<TCommand, TEffect>
{
    public required ReplicaOptions Options { get; init; }

    public required IStateMachine<TEffect> Machine { get; init; }

    /// <summary>
    /// Commands to an entry's body, never empty; called on the loop, possibly again with fewer commands.
    /// </summary>
    public required Func<IReadOnlyList<TCommand>, byte[]> Encode { get; init; }

    public required IEffectSink<TCommand, TEffect> Sink { get; init; }
}

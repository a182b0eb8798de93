using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>What the loop's channel carries.</summary>
internal abstract record ReplicaWork;

internal sealed record InputWork(ReplicaInput Input) : ReplicaWork;

/// <param name="TraceParent">The span that it is a part of; null: not traced.</param>
internal sealed record CommandWork<TCommand>(TCommand Command, string? TraceParent) : ReplicaWork;

internal sealed record QueryWork(MachineQuery Query) : ReplicaWork;

/// <summary>A deadline of the core's has come.</summary>
internal sealed record WakeWork : ReplicaWork
{
    public static WakeWork Instance { get; } = new();
}

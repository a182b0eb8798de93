using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>What the loop's channel carries.</summary>
internal abstract record ReplicaWork;

internal sealed record InputWork(ReplicaInput Input) : ReplicaWork;

internal sealed record CommandWork<TCommand>(TCommand Command) : ReplicaWork;

internal sealed record QueryWork(MachineQuery Query) : ReplicaWork;

/// <summary>A deadline of the core's has come.</summary>
internal sealed record WakeWork : ReplicaWork
{
    public static WakeWork Instance { get; } = new();
}

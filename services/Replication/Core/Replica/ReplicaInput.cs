using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>What a replica is told; everything it does is an answer to one of these or to the time.</summary>
public abstract record ReplicaInput;

/// <summary>Commands for the log, in their order.</summary>
public sealed record CommandsSubmitted<TCommand>(IReadOnlyList<TCommand> Commands) : ReplicaInput
{
    /// <summary>
    /// For each command the span that it is a part of, as W3C has it, or null; null: none is traced.
    /// </summary>
    public IReadOnlyList<string?>? TraceParents { get; init; }
}

/// <summary>
/// Somebody wants to read the machine linearizably. The id is the caller's, unique among the open reads.
/// </summary>
public sealed record ReadRequested(long Id) : ReplicaInput;

public sealed record EntriesCommittedReceived(EntriesCommitted Message) : ReplicaInput;

public sealed record EntriesReadReceived(EntriesRead Message) : ReplicaInput;

public sealed record SnapshotReadReceived(SnapshotRead Message) : ReplicaInput;

public sealed record LeaderElectedReceived(LeaderElected Message) : ReplicaInput;

public sealed record RefusedReceived(ConsensusRefused Message) : ReplicaInput;

public sealed record ReadIndexFoundReceived(ReadIndexFound Message) : ReplicaInput;

public sealed record GroupDescribed(GroupDescription Message) : ReplicaInput;

/// <summary>The link did not take a snapshot: nobody has it.</summary>
public sealed record SnapshotNotSent(string RequestId) : ReplicaInput;

/// <summary>The link is up (again): whatever was sent or published before may be lost.</summary>
public sealed record Reconnected : ReplicaInput;

/// <summary>An operator refuses the entry at which the group's replicas are halted.</summary>
public sealed record RefusalRequested(RefuseEntry Message) : ReplicaInput;

using Muster.Bus;
using Muster.Replication;

namespace Muster.Serving;

/// <summary>The parts of one replica of a service; the replica owns runtime and link.</summary>
public sealed record ServedReplicaSetup<TCommand, TEffect>
{
    /// <summary>The service's name, as health and status show it: lock.</summary>
    public required string Service { get; init; }

    /// <summary>The replica's incarnation: <see cref="ReplicaServiceOptions.NewOrigin"/>.</summary>
    public required string Origin { get; init; }

    public required ReplicaRuntime<TCommand, TEffect> Runtime { get; init; }

    /// <summary>
    /// The service's own lane, for commands, heartbeats, answers and events; its log has another.
    /// </summary>
    public required IBusLink Link { get; init; }

    /// <summary>
    /// Starts the link, and returns when it is up; default: nothing but that. For one that replicas share.
    /// </summary>
    public Func<CancellationToken, Task>? Open { get; init; }

    /// <summary>
    /// Runs once the log is followed and before the link takes commands: the group's founding. Default: none.
    /// </summary>
    public Func<CancellationToken, Task> Prepare { get; init; } = _ => Task.CompletedTask;

    /// <summary>
    /// What runs beside the commands until it is cancelled: the outbox's publisher, and what else the service
    /// needs. One that throws ends the replica.
    /// </summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Loops { get; init; } = [];

    /// <summary>
    /// What runs from before the first entry is applied until after the last, then cancelled: what takes the
    /// entries' effects elsewhere. It ends by itself, and ends nothing else when it fails. Default: none.
    /// </summary>
    public Func<CancellationToken, Task>? Beside { get; init; }

    /// <summary>
    /// What a replica that serves still lacks, for its health; null: nothing. Default: nothing.
    /// </summary>
    public Func<string?> Shortcoming { get; init; } = () => null;

    /// <summary>
    /// Told why the replica can go on no more, after its link is closed: what is left is to make room for one
    /// that works.
    /// </summary>
    public required Action<string> OnFault { get; init; }

    /// <summary>
    /// Told in its place when what the replica found in the log is not what it was configured for (<see
    /// cref="Hosting.StartRefusedException"/>): it must not be started again like this.
    /// </summary>
    public Action<string>? OnRefused { get; init; }
}

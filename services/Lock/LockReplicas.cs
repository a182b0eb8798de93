using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Muster.Serving;

namespace Muster.Lock;

/// <summary>
/// What one process, or one of its replicas by name, has of the lock service: a replica of each group behind
/// one link and one router. <see cref="Served"/> runs it.
/// </summary>
public sealed class LockReplicas
{
    private const string Service = "lock";

    private readonly IReadOnlyList<LockReplica> _replicas;

    public LockReplicas(LockServiceOptions options, ServingSurroundings surroundings)
    {
        var origin = options.NewOrigin();
        IReplySender? sender = null;
        var states = options.GroupNames.Select((group, number) =>
            new StateIntake<LockEntryCommand, LockEffect, LockMachine>(
                group, () => _replicas![number].Runtime, () => sender!,
                restoration => new LockEntryCommand { StateRestoration = restoration }, surroundings.Time,
                surroundings.Loggers.CreateLogger<LockReplica>())).ToList();
        var crashes = new CrashIntake(
            options.Groups, (number, crash) => _replicas![number].Runtime.TrySubmit(crash), surroundings.Time,
            surroundings.Loggers.CreateLogger<CrashIntake>());
        var names = surroundings.Links.Names;
        var link = CreateLink(
            origin, surroundings,
            states.Select(intake => intake.Queue(names)).Append(crashes.Queue(names)));
        sender = surroundings.ReplySenderOf(link);
        var lane = new LockLane(origin, link, sender);
        _replicas =
        [
            .. states.Select((intake, number) =>
                new LockReplica(options, number, lane, intake, crashes, surroundings)),
        ];
        Router = new LockRouter(
            [.. _replicas.Select(replica => replica.Intake)], options.GroupNames, lane.Replies());
        var start = new SharedLinkStart(link, [.. _replicas.Select(replica => replica.Runtime.Halted)]);
        var served = _replicas.Select((replica, number) =>
            replica.Serve(
                number == 0 ? Task.CompletedTask : _replicas[0].Founded,
                cancellation => start.OpenAsync(number, cancellation))).ToList();
        Served = served.Count == 1
            ? served[0]
            : new ServedReplicas(
                $"{Service} {origin}", [.. options.GroupNames.Zip(served.Cast<IServedReplica>())]);
    }

    /// <summary>Where every command of the process enters.</summary>
    public LockRouter Router { get; }

    public IServedReplica Served { get; }

    /// <summary>Its queues feed <see cref="Router"/>, which is there before the link is started.</summary>
    private IBusLink CreateLink(
        string origin, ServingSurroundings surroundings, IEnumerable<WorkQueue> others)
    {
        var (links, loggers) = (surroundings.Links, surroundings.Loggers);
        var batches = new BatchIntake<LockCommandBatch, LockCommand>(
            Service, () => Router!, surroundings.MaxMessageBytes,
            loggers.CreateLogger<BatchIntake<LockCommandBatch, LockCommand>>());
        // One queue for all groups, and not one for each: see there why a process takes one at a time.
        var heartbeats = new HeartbeatIntake(
            Service, heartbeat => Router!.Take(heartbeat), surroundings.MaxMessageBytes,
            loggers.CreateLogger<HeartbeatIntake>());
        return LockLink.Create(
            links, origin, [batches.Queue(links.Names), heartbeats.Queue(links.Names), .. others]);
    }
}

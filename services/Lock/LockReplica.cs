using Microsoft.Extensions.Logging;
using Muster.Contracts.Lock;
using Muster.Lock.Consumers;
using Muster.Lock.History;
using Muster.Lock.Machine;
using Muster.Lock.Outcomes;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Lock;

/// <summary>
/// One group's replica in a process of the lock service, put together; <see cref="Serve"/> makes what runs
/// it.
/// </summary>
internal sealed class LockReplica
{
    private readonly string _group;
    private readonly LockLane _lane;
    private readonly ServingSurroundings _surroundings;
    private readonly LockFounding _founding;
    private readonly CrashIntake _crashes;
    private readonly LockHistory? _history;
    private readonly OutboxPublisher<LockEntryCommand, LockEffect, LockEvent, LockReply> _publisher;

    /// <param name="options">The process's.</param>
    /// <param name="number">The group's.</param>
    /// <param name="lane">Shared by the process's replicas.</param>
    /// <param name="states">The group's, whose queue is on the lane's link.</param>
    /// <param name="crashes">Shared by the process's replicas, too.</param>
    /// <param name="surroundings">The process.</param>
    public LockReplica(
        LockServiceOptions options, int number, LockLane lane,
        StateIntake<LockEntryCommand, LockEffect, LockMachine> states, CrashIntake crashes,
        ServingSurroundings surroundings)
    {
        var (loggers, time) = (surroundings.Loggers, surroundings.Time);
        (_group, _lane, _surroundings) = (options.GroupNames[number], lane, surroundings);
        _crashes = crashes;
        _history = LockHistorySettings.Of(options, _group) is { } settings
            ? new LockHistory(settings, time, loggers.CreateLogger<LockHistory>())
            : null;
        var pending = new PendingAnswers();
        OutboxPublisher<LockEntryCommand, LockEffect, LockEvent, LockReply>? publisher = null;
        Runtime = new(
            new()
            {
                Options = options.ToReplicaOptions(lane.Origin) with { Group = _group },
                NewMachine = () => new LockMachine(),
                Encode = commands => LockEntryCodec.Write(new LockEntry { Commands = commands }),
                Sink = new LockOutcomes(
                    new(lane.Origin, lane.Replies(), pending, () => publisher!.Signal()), states,
                    crash => crashes.Taken(number, crash))
                {
                    History = _history,
                    IsLate = () => Runtime!.AppliesLate,
                },
            },
            surroundings.Links, time, loggers.CreateLogger<LockReplica>());
        _publisher = publisher = new(
            lane.Origin, Runtime, lane.Link, new LockOutbox(lane.Link), lane.Replies(), time,
            loggers.CreateLogger<LockOutbox>());
        Intake = new LockIntake(Runtime, pending, lane.Replies(), _history);
        _founding = new LockFounding(options, number, Runtime, time);
    }

    public ReplicaRuntime<LockEntryCommand, LockEffect> Runtime { get; }

    public LockIntake Intake { get; }

    /// <summary>Completes when the group is founded for as many groups as are configured.</summary>
    public Task Founded => _founding.Founded;

    /// <param name="first">The first group's <see cref="Founded"/>; the others are founded after it.</param>
    /// <param name="open">Starts the lane's link, or waits for the other replicas of it.</param>
    public ServedReplica<LockEntryCommand, LockEffect> Serve(
        Task first, Func<CancellationToken, Task> open) => new(new()
        {
            Service = _group,
            Origin = _lane.Origin,
            Runtime = Runtime,
            Link = _lane.Link,
            Prepare = cancellation => _founding.FoundAsync(first, cancellation),
            Open = open,
            Beside = _history is null ? null : _history.RunAsync,
            Shortcoming = () => _history?.Problem,
            Loops = [_publisher.RunAsync, _founding.KeepFoundedAsync, _crashes.RunAsync],
            OnFault = _surroundings.OnFault,
            OnRefused = _surroundings.OnRefused,
        });
}

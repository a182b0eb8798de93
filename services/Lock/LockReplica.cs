using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Muster.Lock.Outcomes;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Lock;

/// <summary>One replica of the lock service, put together; <see cref="Served"/> runs it.</summary>
public sealed class LockReplica
{
    private const string Service = "lock";

    public LockReplica(LockServiceOptions options, ServingSurroundings surroundings)
    {
        var (loggers, time) = (surroundings.Loggers, surroundings.Time);
        var origin = options.NewOrigin();
        IReplySender? sender = null;
        ReplicaRuntime<LockEntryCommand, LockEffect>? runtime = null;
        var states = new StateIntake<LockEntryCommand, LockEffect, LockMachine>(
            options.Group, () => runtime!, () => sender!,
            restoration => new LockEntryCommand { StateRestoration = restoration }, time,
            loggers.CreateLogger<LockReplica>());
        var link = CreateLink(origin, surroundings, states.Queue(surroundings.Links.Names));
        sender = surroundings.ReplySenderOf(link);
        var pending = new PendingAnswers();
        OutboxPublisher<LockEntryCommand, LockEffect, LockEvent, LockReply>? publisher = null;
        runtime = new(
            new()
            {
                Options = options.ToReplicaOptions(origin),
                NewMachine = () => new LockMachine(),
                Encode = commands => LockEntryCodec.Write(new LockEntry { Commands = commands }),
                Sink = new LockOutcomes(
                    new(origin, RepliesOver(sender), pending, () => publisher!.Signal()), states,
                    options.Group),
            },
            surroundings.Links, time, loggers.CreateLogger<LockReplica>());
        publisher = new(
            origin, runtime, link, new LockOutbox(link), RepliesOver(sender), time,
            loggers.CreateLogger<LockOutbox>());
        Intake = new LockIntake(runtime, pending, RepliesOver(sender));
        var founding = FoundingOf(options, runtime, time);
        Served = new ServedReplica<LockEntryCommand, LockEffect>(new()
        {
            Service = Service,
            Origin = origin,
            Runtime = runtime,
            Link = link,
            Prepare = founding.FoundAsync,
            Loops = [publisher.RunAsync, founding.KeepFoundedAsync],
            OnFault = surroundings.OnFault,
        });
    }

    public LockIntake Intake { get; }

    public ServedReplica<LockEntryCommand, LockEffect> Served { get; }

    /// <summary>Its queues feed <see cref="Intake"/>, which is there before the link is started.</summary>
    private IBusLink CreateLink(string origin, ServingSurroundings surroundings, WorkQueue states)
    {
        var (links, loggers) = (surroundings.Links, surroundings.Loggers);
        var batches = new BatchIntake<LockCommandBatch, LockCommand>(
            Service, () => Intake!, surroundings.MaxMessageBytes,
            loggers.CreateLogger<BatchIntake<LockCommandBatch, LockCommand>>());
        var heartbeats = new HeartbeatIntake(
            Service, heartbeat => Intake!.Take(heartbeat), surroundings.MaxMessageBytes,
            loggers.CreateLogger<HeartbeatIntake>());
        return LockLink.Create(
            links, origin, batches.Queue(links.Names), heartbeats.Queue(links.Names), states);
    }

    private static ReplyBatches<LockReply> RepliesOver(IReplySender sender) => new(
        sender, replies => new LockReplyBatch { Replies = replies }, LockCommands.Content);

    /// <summary>
    /// The token floor is above UTC seconds times 2^20 and the epoch is of now, so that tokens outgrow those
    /// of any group of these names that was lost before, and its views are replaced by this one's.
    /// </summary>
    private static GenesisProposer<LockEntryCommand, LockEffect> FoundingOf(
        LockServiceOptions options, ReplicaRuntime<LockEntryCommand, LockEffect> runtime,
        TimeProvider time) => new(
            runtime,
            () => new LockEntryCommand
            {
                Genesis = new()
                {
                    Group = options.Group,
                    ClusterId = options.ClusterId,
                    Epoch = time.GetUtcNow().ToUnixTimeMilliseconds(),
                    TokenFloor = time.GetUtcNow().ToUnixTimeSeconds() << 20,
                    CommandWindowMilliseconds = (long)options.CommandWindow.TotalMilliseconds,
                },
            },
            time);
}

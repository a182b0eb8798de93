using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Registry;
using Muster.Hosting;
using Muster.Registry.Consumers;
using Muster.Registry.Machine;
using Muster.Registry.Outcomes;
using Muster.Registry.Views;
using Muster.Replication;
using Muster.Serving;
using Muster.Views;

namespace Muster.Registry;

/// <summary>One replica of the registry, put together; <see cref="Served"/> runs it.</summary>
public sealed class RegistryReplica
{
    private const string Service = "registry";

    public RegistryReplica(
        RegistryServiceOptions options, ServingSurroundings surroundings, IServiceViews views)
    {
        var (loggers, time) = (surroundings.Loggers, surroundings.Time);
        var origin = options.NewOrigin();
        IReplySender? sender = null;
        ReplicaRuntime<RegistryEntryCommand, RegistryEffect>? runtime = null;
        var states = new StateIntake<RegistryEntryCommand, RegistryEffect, RegistryMachine>(
            options.Group, () => runtime!, () => sender!,
            restoration => new RegistryEntryCommand { StateRestoration = restoration }, time,
            loggers.CreateLogger<RegistryReplica>());
        var link = CreateLink(origin, surroundings, states.Queue(surroundings.Links.Names));
        sender = surroundings.ReplySenderOf(link);
        var (pending, currency) = (new PendingAnswers(), new ReplicaCurrency(time));
        OutboxPublisher<RegistryEntryCommand, RegistryEffect, RegistryEvent, RegistryReply>? publisher = null;
        ViewPublisher? viewPublisher = null;
        runtime = new(
            new()
            {
                Options = options.ToReplicaOptions(origin),
                NewMachine = () => new RegistryMachine(),
                Encode = commands => RegistryEntryCodec.Write(new RegistryEntry { Commands = commands }),
                Sink = new RegistryOutcomes(
                    new(origin, RepliesOver(sender), pending, SignalEvents), states, currency),
            },
            surroundings.Links, time, loggers.CreateLogger<RegistryReplica>());
        publisher = new(
            origin, runtime, link, new RegistryOutbox(link), RepliesOver(sender), time,
            loggers.CreateLogger<RegistryOutbox>());
        viewPublisher = new(
            origin, runtime, views, currency, options, time, loggers.CreateLogger<ViewPublisher>());
        Intake = new RegistryIntake(runtime, pending, RepliesOver(sender), currency);
        var founding = FoundingOf(options, runtime, time);
        Served = new ServedReplica<RegistryEntryCommand, RegistryEffect>(new()
        {
            Service = Service,
            Origin = origin,
            Runtime = runtime,
            Link = link,
            Prepare = founding.FoundAsync,
            Loops =
            [
                publisher.RunAsync, founding.KeepFoundedAsync, viewPublisher.RunAsync,
                cancellation => currency.RunAsync(runtime, cancellation),
            ],
            OnFault = surroundings.OnFault,
        });

        void SignalEvents()
        {
            publisher!.Signal();
            viewPublisher!.Signal();
        }
    }

    public RegistryIntake Intake { get; }

    public ServedReplica<RegistryEntryCommand, RegistryEffect> Served { get; }

    /// <summary>Its queues feed <see cref="Intake"/>, which is there before the link is started.</summary>
    private IBusLink CreateLink(string origin, ServingSurroundings surroundings, WorkQueue states)
    {
        var (links, loggers) = (surroundings.Links, surroundings.Loggers);
        var batches = new BatchIntake<RegistryCommandBatch, RegistryCommand>(
            Service, () => Intake!, surroundings.MaxMessageBytes,
            loggers.CreateLogger<BatchIntake<RegistryCommandBatch, RegistryCommand>>());
        var heartbeats = new HeartbeatIntake(
            Service, heartbeat => Intake!.Take(heartbeat), surroundings.MaxMessageBytes,
            loggers.CreateLogger<HeartbeatIntake>());
        return RegistryLink.Create(
            links, origin, batches.Queue(links.Names), heartbeats.Queue(links.Names), states);
    }

    private static ReplyBatches<RegistryReply> RepliesOver(IReplySender sender) => new(
        sender, replies => new RegistryReplyBatch { Replies = replies }, RegistryCommands.Content,
        RegistryCommands.LengthOf);

    /// <summary>
    /// The epoch is of now, so that the views of a registry that was lost before are replaced by this one's.
    /// </summary>
    private static GenesisProposer<RegistryEntryCommand, RegistryEffect> FoundingOf(
        RegistryServiceOptions options, ReplicaRuntime<RegistryEntryCommand, RegistryEffect> runtime,
        TimeProvider time) => new(
            runtime,
            () => new RegistryEntryCommand
            {
                Genesis = new()
                {
                    Group = options.Group,
                    ClusterId = options.ClusterId,
                    Epoch = time.GetUtcNow().ToUnixTimeMilliseconds(),
                    CommandWindowMilliseconds = (long)options.CommandWindow.TotalMilliseconds,
                },
            },
            time);
}

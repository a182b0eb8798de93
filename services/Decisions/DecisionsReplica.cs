using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Decisions;
using Muster.Decisions.Consumers;
using Muster.Decisions.Machine;
using Muster.Decisions.Outcomes;
using Muster.Hosting;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Decisions;

/// <summary>One replica of the decisions, put together; <see cref="Served"/> runs it.</summary>
public sealed class DecisionsReplica
{
    private const string Service = "decisions";

    public DecisionsReplica(DecisionsOptions options, ServingSurroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(surroundings);
        var (loggers, time) = (surroundings.Loggers, surroundings.Time);
        var logger = loggers.CreateLogger<DecisionsReplica>();
        var origin = options.NewOrigin();
        IReplySender? sender = null;
        ReplicaRuntime<DecisionEntryCommand, DecisionEffect>? runtime = null;
        var states = new StateIntake<DecisionEntryCommand, DecisionEffect, DecisionsMachine>(
            options.Group, () => runtime!, () => sender!,
            restoration => new() { StateRestoration = restoration }, time, logger);
        var link = CreateLink(origin, surroundings, states.Queue(surroundings.Links.Names));
        sender = surroundings.ReplySenderOf(link);
        var (pending, currency) = (new PendingAnswers(), new ReplicaCurrency(time));
        OutboxPublisher<DecisionEntryCommand, DecisionEffect, ValueDecided, DecisionReply>? publisher = null;
        runtime = new(
            new()
            {
                Options = options.ToReplicaOptions(origin),
                NewMachine = () => new DecisionsMachine(),
                Encode = commands => DecisionEntryCodec.Write(new DecisionEntry { Commands = commands }),
                Sink = new DecisionOutcomes(
                    new(origin, RepliesOver(sender), pending, () => publisher!.Signal()), states, currency),
            },
            surroundings.Links, time, logger);
        publisher = new(
            origin, runtime, link, new DecisionOutbox(link), RepliesOver(sender), time,
            loggers.CreateLogger<DecisionOutbox>());
        Intake = new DecisionIntake(runtime, pending, RepliesOver(sender), currency);
        var founding = FoundingOf(options, runtime, time);
        Served = new ServedReplica<DecisionEntryCommand, DecisionEffect>(new()
        {
            Service = Service,
            Origin = origin,
            Runtime = runtime,
            Link = link,
            Prepare = founding.FoundAsync,
            Loops =
            [
                publisher.RunAsync, founding.KeepFoundedAsync,
                cancellation => currency.RunAsync(runtime, cancellation),
            ],
            OnFault = surroundings.OnFault,
        });
    }

    public DecisionIntake Intake { get; }

    public ServedReplica<DecisionEntryCommand, DecisionEffect> Served { get; }

    /// <summary>Its queue feeds <see cref="Intake"/>, which is there before the link is started.</summary>
    private IBusLink CreateLink(string origin, ServingSurroundings surroundings, WorkQueue states)
    {
        var names = surroundings.Links.Names;
        var batches = new BatchIntake<DecisionCommandBatch, DecisionCommand>(
            Service, () => Intake!, surroundings.MaxMessageBytes,
            surroundings.Loggers.CreateLogger<BatchIntake<DecisionCommandBatch, DecisionCommand>>());
        return surroundings.Links.Create(new LinkOptions
        {
            Address = Service + "." + origin,
            OnMessage = _ => { },
            Publishes = [.. DecisionOutbox.Contracts.Select(names.Exchange)],
            WorkQueues = [batches.Queue(names), states],
        });
    }

    private static ReplyBatches<DecisionReply> RepliesOver(IReplySender sender) => new(
        sender, replies => new DecisionReplyBatch { Replies = replies }, DecisionCommands.Content,
        DecisionCommands.LengthOf);

    private static GenesisProposer<DecisionEntryCommand, DecisionEffect> FoundingOf(
        DecisionsOptions options, ReplicaRuntime<DecisionEntryCommand, DecisionEffect> runtime,
        TimeProvider time) => new(
            runtime,
            () => new()
            {
                Genesis = new()
                {
                    Group = options.Group,
                    ClusterId = options.ClusterId,
                    Epoch = time.GetUtcNow().ToUnixTimeMilliseconds(),
                    CommandWindowMilliseconds = (long)options.CommandWindow.TotalMilliseconds,
                    Limits = options.ToLimits(),
                },
            },
            time);
}

using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Hosting;
using Muster.Recovery.Backups;
using Muster.Recovery.Consumers;
using Muster.Recovery.Executing;
using Muster.Recovery.Machine;
using Muster.Recovery.Outcomes;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Recovery;

/// <summary>One replica of the recovery service, put together; <see cref="Served"/> runs it.</summary>
public sealed class RecoveryReplica
{
    private const string Service = "recovery";

    private readonly RecoveryServiceOptions _options;
    private readonly ServingSurroundings _surroundings;
    private readonly string _origin;
    private readonly PlanSignal _changed = new();
    private readonly StateIntake<RecoveryEntryCommand, RecoveryEffect, RecoveryMachine> _states;
    private readonly VerdictIntake _verdicts;
    private readonly LockBreaker _locks;
    private readonly GroupStates _groups;
    private readonly IBusLink _link;
    private readonly IReplySender _sender;

    /// <param name="options">Checked by the caller.</param>
    /// <param name="surroundings">What the process gives.</param>
    /// <param name="atPoint">A seam for tests; see <see cref="ExecutionPoints"/>.</param>
    public RecoveryReplica(
        RecoveryServiceOptions options, ServingSurroundings surroundings,
        Func<RecoveryStep, string, Task>? atPoint = null)
    {
        (_options, _surroundings) = (options, surroundings);
        var (links, loggers, time) = (surroundings.Links, surroundings.Loggers, surroundings.Time);
        _origin = options.NewOrigin();
        _states = new(
            options.Group, () => Served!.Runtime, () => _sender!,
            restoration => new() { Group = new() { StateRestoration = restoration } },
            time, loggers.CreateLogger<RecoveryReplica>());
        _verdicts = new(
            command => Served!.Runtime.TrySubmit(command), time, loggers.CreateLogger<VerdictIntake>());
        _locks = new(() => _link!, links.Names, _changed, loggers.CreateLogger<LockBreaker>());
        _groups = new(() => _link!, links.Names, options.StateTimeout, time);
        _link = RecoveryLink.Create(links, _origin, Receive, BatchQueue(), _verdicts.Queue(links.Names),
            _states.Queue(links.Names));
        _sender = surroundings.ReplySenderOf(_link);
        var pending = new PendingAnswers();
        OutboxPublisher<RecoveryEntryCommand, RecoveryEffect, RecoveryEvent, RecoveryReply>? publisher = null;
        var runtime = new ReplicaRuntime<RecoveryEntryCommand, RecoveryEffect>(
            new()
            {
                Options = options.ToReplicaOptions(_origin),
                NewMachine = () => new RecoveryMachine(),
                Encode = commands => RecoveryEntryCodec.Write(new() { Commands = commands }),
                Sink = new RecoveryOutcomes(
                    new(_origin, Replies(), pending, () => publisher!.Signal()), _verdicts, _states,
                    _changed),
            },
            links, time, loggers.CreateLogger<RecoveryReplica>());
        publisher = new(
            _origin, runtime, _link, new RecoveryOutbox(_link), Replies(), time,
            loggers.CreateLogger<RecoveryOutbox>());
        Intake = new(runtime, pending, Replies());
        Backups = new(
            options, _groups, () => _link, () => _sender, time, loggers.CreateLogger<BackupService>());
        var executor = new PlanExecutor(
            _origin, runtime, _locks, _changed, options.ClaimPatience, time, atPoint,
            loggers.CreateLogger<PlanExecutor>());
        Served = Serve(runtime, [publisher.RunAsync, executor.RunAsync, _verdicts.RunAsync]);
    }

    public RecoveryIntake Intake { get; }

    public BackupService Backups { get; }

    public ServedReplica<RecoveryEntryCommand, RecoveryEffect> Served { get; }

    private ServedReplica<RecoveryEntryCommand, RecoveryEffect> Serve(
        ReplicaRuntime<RecoveryEntryCommand, RecoveryEffect> runtime,
        IReadOnlyList<Func<CancellationToken, Task>> loops)
    {
        var time = _surroundings.Time;
        var founding = new GenesisProposer<RecoveryEntryCommand, RecoveryEffect>(
            runtime, () => Genesis(_options, time), time);
        return new(new()
        {
            Service = Service,
            Origin = _origin,
            Runtime = runtime,
            Link = _link,
            Prepare = founding.FoundAsync,
            Loops = [.. loops, founding.KeepFoundedAsync],
            OnFault = _surroundings.OnFault,
        });
    }

    private WorkQueue BatchQueue() => new BatchIntake<RecoveryCommandBatch, RecoveryCommand>(
        Service, () => Intake!, _surroundings.MaxMessageBytes,
        _surroundings.Loggers.CreateLogger<BatchIntake<RecoveryCommandBatch, RecoveryCommand>>())
        .Queue(_surroundings.Links.Names);

    private ReplyBatches<RecoveryReply> Replies() => new(
        _sender, replies => new RecoveryReplyBatch { Replies = replies }, RecoveryCommands.Content,
        RecoveryCommands.LengthOf);

    /// <summary>What other services answer.</summary>
    private void Receive(LinkMessage message)
    {
        if (message.Type == BusJson.TypeName(typeof(LockReplyBatch)))
        {
            _locks.Receive(message.Read<LockReplyBatch>());
        }
        else if (message.Type == BusJson.TypeName(typeof(GroupStateRead)))
        {
            var read = message.Read<GroupStateRead>();
            _groups.Receive(read.CommandId, read);
        }
        else if (message.Type == BusJson.TypeName(typeof(GroupStateRestored)))
        {
            var restored = message.Read<GroupStateRestored>();
            _groups.Receive(restored.CommandId, restored);
        }
        else if (message.Type == BusJson.TypeName(typeof(GroupStateRefused)))
        {
            var refused = message.Read<GroupStateRefused>();
            _groups.Receive(refused.CommandId, refused);
        }
    }

    private static RecoveryEntryCommand Genesis(RecoveryServiceOptions options, TimeProvider time) => new()
    {
        Group = new()
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
    };
}

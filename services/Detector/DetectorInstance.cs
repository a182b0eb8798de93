using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Detector.Consumers;
using Muster.Detector.Judging;
using Muster.Detector.Machine;
using Muster.Detector.Outcomes;
using Muster.Hosting;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Detector;

/// <summary>One detector, put together; <see cref="Served"/> runs it.</summary>
public sealed class DetectorInstance
{
    private const string Service = "detector";

    private readonly DetectorOptions _options;
    private readonly ILogger _logger;

    public DetectorInstance(DetectorOptions options, ServingSurroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(surroundings);
        var (links, loggers, time) = (surroundings.Links, surroundings.Loggers, surroundings.Time);
        var origin = options.NewOrigin();
        _options = options;
        _logger = loggers.CreateLogger<DetectorInstance>();
        Room = new JudgeRoom(options, origin, time, _logger);
        IReplySender? sender = null;
        var states = new StateIntake<DetectorEntryCommand, DetectorEffect, DetectorMachine>(
            options.Group, () => Runtime!, () => sender!,
            restoration => new() { StateRestoration = restoration }, time, _logger);
        var link = CreateLink(origin, links, states.Queue(links.Names));
        sender = surroundings.ReplySenderOf(link);
        var ages = new VerdictAges(time);
        OutboxPublisher<DetectorEntryCommand, DetectorEffect, DetectorEvent, DetectorUnknown>? publisher =
            null;
        Runtime = new ReplicaRuntime<DetectorEntryCommand, DetectorEffect>(
            new()
            {
                Options = options.ToReplicaOptions(origin),
                NewMachine = () => new DetectorMachine(),
                Encode = commands => DetectorEntryCodec.Write(new DetectorEntry { Commands = commands }),
                Sink = new DetectorOutcomes(
                    states, () => publisher!.Signal(), ages, () => Runtime!.AppliesLate, _logger),
            },
            links, time, _logger);
        publisher = new(
            origin, Runtime, link, new DetectorOutbox(link, ages), RepliesOver(sender), time, _logger);
        Intake = new DetectorIntake(
            new(Runtime, new PendingAnswers(), RepliesOver(sender), (id, _) => new() { CommandId = id }),
            Runtime, RepliesOver(sender), Room);
        var beats = new OwnBeats(options, origin, links.Names.NodeBeats, link, time);
        Loop = new JudgeLoop(options, Room, beats, link, Runtime, time, _logger);
        var founding = FoundingOf(Runtime, time);
        Served = new ServedReplica<DetectorEntryCommand, DetectorEffect>(new()
        {
            Service = Service,
            Origin = origin,
            Runtime = Runtime,
            Link = link,
            Prepare = async cancellationToken =>
            {
                await founding.FoundAsync(cancellationToken);
                await RequireSameInstancesAsync(cancellationToken);
            },
            Loops = [publisher.RunAsync, founding.KeepFoundedAsync, Loop.RunAsync],
            OnFault = surroundings.OnFault,
        });
    }

    public DetectorIntake Intake { get; }

    public JudgeRoom Room { get; }

    /// <summary>Says, as health, whether this detector judges.</summary>
    public JudgeLoop Loop { get; }

    public ReplicaRuntime<DetectorEntryCommand, DetectorEffect> Runtime { get; }

    public ServedReplica<DetectorEntryCommand, DetectorEffect> Served { get; }

    /// <summary>
    /// Every detector hears every heartbeat, in its own inbox: transient, and the oldest go first.
    /// </summary>
    private IBusLink CreateLink(string origin, ILinkFactory links, WorkQueue states)
    {
        var names = links.Names;
        var link = links.Create(new LinkOptions
        {
            Address = "detector." + origin,
            OnMessage = Room.Receive,
            OnQueueDeleted = Room.QueueDeleted,
            Subscriptions = [names.Exchange(typeof(Heartbeat)), names.NodeBeats],
            Publishes = [.. DetectorOutbox.Contracts.Select(names.Exchange)],
            WorkQueues = [states],
        });
        link.Up += _ => Room.Link(isUp: true);
        link.Down += _ => Room.Link(isUp: false);
        return link;
    }

    private static ReplyBatches<DetectorUnknown> RepliesOver(IReplySender sender) =>
        new(sender, replies => replies[0], reply => reply);

    private GenesisProposer<DetectorEntryCommand, DetectorEffect> FoundingOf(
        ReplicaRuntime<DetectorEntryCommand, DetectorEffect> runtime, TimeProvider time) => new(
            runtime,
            () => new()
            {
                Genesis = new()
                {
                    Epoch = time.GetUtcNow().ToUnixTimeMilliseconds(),
                    Group = _options.Group,
                    ClusterId = _options.ClusterId,
                    Detectors = [.. _options.Instances.Order(StringComparer.Ordinal)],
                    CommandWindowMilliseconds = (long)_options.CommandWindow.TotalMilliseconds,
                },
            },
            time);

    /// <summary>
    /// Two lists would be two ideas of a majority. What is in the log counts; the configuration is put right.
    /// </summary>
    private async Task RequireSameInstancesAsync(CancellationToken cancellationToken)
    {
        var founded = await Runtime.InspectAsync(
            (DetectorMachine machine) => machine.ReadVerdicts().Detectors, cancellationToken);
        if (founded.Order(StringComparer.Ordinal).SequenceEqual(
            _options.Instances.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            return;
        }
        var why = $"Detector:Instances is '{string.Join(", ", _options.Instances)}', and the group "
            + $"{_options.Group} was founded with '{string.Join(", ", founded)}'.";
        _logger.Misconfigured(_options.Instance, why);
        throw new InvalidOperationException(why);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Consensus;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Hosting;
using Muster.Serving;
using Shouldly;
using Xunit;

namespace Muster.Detector.Tests;

/// <summary>
/// A consensus node and three detectors, d1 to d3, over the bus in memory, with times short enough for tests
/// and long enough for a busy machine. Each detector's links can be cut.
/// </summary>
internal sealed class DetectorCluster : IAsyncDisposable
{
    public static readonly TimeSpan NodeInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(20);

    private readonly IHost _host;
    private readonly ConcurrentQueue<string> _events = new();
    private readonly ComplaintLog _complaints;
    private readonly List<IAsyncDisposable> _owned = [];

    private readonly TimeSpan _failAfter;

    private DetectorCluster(IHost host, ComplaintLog complaints, TimeSpan failAfter) =>
        (_host, _complaints, _failAfter) = (host, complaints, failAfter);

    public static IReadOnlyList<string> Instances { get; } = ["d1", "d2", "d3"];

    /// <summary>Faults told by detectors.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public Dictionary<string, DetectorInstance> Detectors { get; } = [];

    public Dictionary<string, GatedLinks> Gates { get; } = [];

    /// <summary>What a subscriber heard, in order: <c>failed worker/INCARNATION Dead</c>.</summary>
    public IReadOnlyList<string> Events => [.. _events];

    /// <summary>The detectors' complaints about two processes of one name.</summary>
    public IReadOnlyList<string> Doubles =>
        [.. _complaints.Lines.Where(line => line.Contains("call themselves", StringComparison.Ordinal))];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="failAfter">The silence that fails a node; 2 s if not given.</param>
    public static async Task<DetectorCluster> StartAsync(TimeSpan? failAfter = null)
    {
        var silence = failAfter ?? TimeSpan.FromSeconds(2);
        var builder = Host.CreateApplicationBuilder();
        var complaints = new ComplaintLog();
        builder.Logging.ClearProviders().AddProvider(complaints);
        builder.Services.AddMusterEndpointsInMemory(endpoints => endpoints.AddDetectorEndpoint());
        builder.Services.AddSingleton(provider => new MemoryBus(
            provider.GetRequiredService<IBus>(), provider.GetRequiredService<BusNames>(),
            provider.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<ILinkFactory>(provider => new MemoryLinkFactory(
            provider.GetRequiredService<MemoryBus>(), provider.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddConsensusNode("n1", _ => new ConsensusOptions
        {
            Node = "n1",
            Members = ["n1"],
            Bootstrap = true,
            DataFolder = Scratch.NewFolder("detector"),
        });
        // The first by registration, as a host does it; it takes the endpoint's queries.
        builder.Services.AddDetectorInstance("d1", _ => OptionsOf("d1", silence));
        var host = builder.Build();
        await host.StartAsync(Cancelled);
        var cluster = new DetectorCluster(host, complaints, silence);
        cluster.Detectors["d1"] = host.Services.GetRequiredKeyedService<DetectorInstance>("d1");
        await cluster.ListenAsync();
        await cluster.StartDetectorAsync("d2");
        await cluster.StartDetectorAsync("d3");
        foreach (var detector in cluster.Detectors.Values)
        {
            await Until(() => detector.Loop.IsReady, detector.Loop.Name + " judges");
        }
        foreach (var (name, detector) in cluster.Detectors)
        {
            await Until(
                () => Instances.All(other => other == name || ViewAt(detector, other) is not null),
                name + " hears the others");
        }
        return cluster;
    }

    private static DetectorOptions OptionsOf(string instance, TimeSpan failAfter) => new()
    {
        Instance = instance,
        Instances = [.. Instances],
        HeartbeatInterval = TimeSpan.FromMilliseconds(50),
        AcceptablePause = TimeSpan.FromSeconds(1),
        MinimumDeviation = TimeSpan.FromMilliseconds(50),
        FailAfter = failAfter,
        MassSilenceFactor = 1,
    };

    public static async Task Until(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"Not within {Patience}: {what}");
            }
            await Task.Delay(Again, TimeProvider.System, Cancelled);
        }
    }

    /// <summary>Starts a detector with links of its own gate.</summary>
    public async Task<DetectorInstance> StartDetectorAsync(
        string name, Action<DetectorOptions>? change = null)
    {
        var options = OptionsOf(name, _failAfter);
        change?.Invoke(options);
        Gates[name] = new GatedLinks(_host.Services.GetRequiredService<ILinkFactory>());
        var detector = new DetectorInstance(options, ServingSurroundings.Of(_host.Services)
            with
        { Links = Gates[name], OnFault = Faults.Enqueue });
        Detectors[name] = detector;
        _owned.Add(detector.Served);
        await detector.Served.StartAsync(Cancelled);
        return detector;
    }

    /// <summary>Starts a node that beats, and waits until all detectors have heard it a few times.</summary>
    public async Task<RunningNode> StartNodeAsync(string name)
    {
        var before = await DescribeAsync(name);
        var node = await StartDoubleAsync(name);
        await Until(
            () => Detectors.Values.All(
                detector => IncarnationAt(detector, name) is { } now && now != before?.Incarnation),
            $"everybody hears {name}");
        return node;
    }

    /// <summary>Starts a node that beats, perhaps under another's name.</summary>
    public async Task<RunningNode> StartDoubleAsync(string name)
    {
        var gate = new GatedLinks(_host.Services.GetRequiredService<ILinkFactory>());
        var beats = new NodeHeartbeats(name, NodeInterval, gate, TimeProvider.System);
        await beats.StartAsync(Cancelled);
        _owned.Add(beats);
        return new RunningNode(beats, gate);
    }

    public async Task<NodeDescription?> DescribeAsync(string name)
    {
        var described = await AskAsync(new DescribeNodes { Node = name });
        return described.Nodes.SingleOrDefault();
    }

    public async Task<NodesDescribed> AskAsync(DescribeNodes query)
    {
        var client = _host.Services.GetRequiredService<IBus>().CreateRequestClient<DescribeNodes>();
        return (await client.GetResponse<NodesDescribed>(query, Cancelled)).Message;
    }

    public async Task<DetectorEventsRead> AskAsync(ReadDetectorEvents query)
    {
        var client = _host.Services.GetRequiredService<IBus>().CreateRequestClient<ReadDetectorEvents>();
        return (await client.GetResponse<DetectorEventsRead>(query, Cancelled)).Message;
    }

    public async Task UntilStatusAsync(string name, NodeStatus status)
    {
        try
        {
            await Until(() => Record(name)?.Status == status, $"{name} is {status}");
        }
        catch (TimeoutException late)
        {
            var views = Detectors.Select(
                one => $"{one.Key}: {one.Value.Loop.Detail}, {ViewAt(one.Value, name)}");
            throw new TimeoutException(
                $"{late.Message}; the log says {Record(name)} "
                + $"[{string.Join("; ", Record(name)?.Votes ?? [])}]; {string.Join("; ", views)}; "
                + string.Join("; ", Events));
        }
    }

    /// <summary>What the log says of the node, as the first detector has applied it.</summary>
    public NodeRecord? Record(string name) => Detectors["d1"].Runtime.InspectAsync(
        (DetectorMachine machine) => machine.ReadVerdicts().Nodes.GetValueOrDefault(name), Cancelled)
        .GetAwaiter().GetResult();

    /// <summary>Subscriber's lines about one node, without their numbers.</summary>
    public IReadOnlyList<string> EventsOf(string name) =>
        [.. Events.Where(line => line.Contains($" {name}/", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in Gates.Values)
        {
            gate.IsOpen = true;
        }
        foreach (var one in Enumerable.Reverse(_owned))
        {
            await one.DisposeAsync();
        }
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    private static string? IncarnationAt(DetectorInstance detector, string name) =>
        ViewAt(detector, name)?.Incarnation;

    private static NodeDescription? ViewAt(DetectorInstance detector, string name) => detector.Room.Describe(
        new()
        {
            Detectors = [],
            Nodes = System.Collections.Immutable.ImmutableSortedDictionary<string, NodeRecord>.Empty,
            FreePlaces = 0,
            Freshness = new(),
        },
        new() { Node = name }, isCurrent: true).Nodes.SingleOrDefault();

    private async Task ListenAsync()
    {
        var links = _host.Services.GetRequiredService<ILinkFactory>();
        var link = links.Create(new LinkOptions
        {
            Address = "subscriber",
            OnMessage = Hear,
            Subscriptions =
            [
                links.Names.Exchange(typeof(NodeSuspected)), links.Names.Exchange(typeof(NodeFailed)),
                links.Names.Exchange(typeof(NodeRestored)), links.Names.Exchange(typeof(NodeLeft)),
            ],
        });
        _owned.Add(link);
        await link.StartAsync(Cancelled);
    }

    private void Hear(LinkMessage message)
    {
        var name = message.Type[(message.Type.IndexOf(':', StringComparison.Ordinal) + 1)..];
        _events.Enqueue(name switch
        {
            nameof(NodeSuspected) => Line(message.Read<NodeSuspected>()),
            nameof(NodeFailed) => Line(message.Read<NodeFailed>()),
            nameof(NodeLeft) => Line(message.Read<NodeLeft>()),
            _ => Line(message.Read<NodeRestored>()),
        });
    }

    private static string Line(NodeSuspected e) => $"suspected {e.Node}/{e.Incarnation} {e.Cause}";

    private static string Line(NodeFailed e) => string.Create(
        CultureInfo.InvariantCulture,
        $"failed {e.Node}/{e.Incarnation} {e.Cause} {string.Join(',', e.Detectors.Order())}");

    private static string Line(NodeLeft e) => $"left {e.Node}/{e.Incarnation}";

    private static string Line(NodeRestored e) => $"restored {e.Node}/{e.Incarnation} {e.Was}";
}

/// <summary>A node's heartbeats; closing the gate is its death or the cut of its path.</summary>
internal sealed record RunningNode(NodeHeartbeats Beats, GatedLinks Gate);

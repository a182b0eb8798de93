using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Consensus;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Hosting;
using Muster.Lock;
using Muster.Serving;
using Xunit;

namespace Muster.Recovery.Tests;

/// <summary>
/// A consensus node, two lock replicas and a recovery replica over the bus in memory; more recovery replicas
/// join as they are told, and die at a point of their work. Detectors are played by the test.
/// </summary>
internal sealed class RecoveryCluster : IAsyncDisposable
{
    public const string Group = "orders";
    public const string LockName = "orders-primary";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(20);

    private readonly IHost _host;
    private readonly List<IAsyncDisposable> _owned = [];
    private IBusLink? _link;
    private long _verdicts;

    private RecoveryCluster(IHost host, string backups) => (_host, Backups) = (host, backups);

    /// <summary>The folder of backups.</summary>
    public string Backups { get; }

    /// <summary>Faults told by replicas.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>What a subscriber heard, in order.</summary>
    public ConcurrentQueue<object> Heard { get; } = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="atPoint">The seam of the first replica.</param>
    /// <param name="options">Changes the first replica's options, which found the group.</param>
    public static async Task<RecoveryCluster> StartAsync(
        Func<RecoveryStep, string, Task>? atPoint = null,
        Func<RecoveryServiceOptions, RecoveryServiceOptions>? options = null)
    {
        var folder = Scratch.NewFolder("recovery");
        var backups = Path.Combine(folder, "backups");
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMusterEndpointsInMemory(endpoints =>
        {
            endpoints.AddLockEndpoint();
            endpoints.AddRecoveryEndpoint();
        });
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
            DataFolder = Path.Combine(folder, "n1"),
        });
        builder.Services.AddLockReplica("lock-1", _ => new LockServiceOptions { Replica = "lock-1" });
        builder.Services.AddLockReplica("lock-2", _ => new LockServiceOptions { Replica = "lock-2" });
        var first = OptionsOf("first", backups);
        builder.Services.AddRecoveryReplica("first", _ => options?.Invoke(first) ?? first, atPoint);
        var host = builder.Build();
        await host.StartAsync(Cancelled);
        var cluster = new RecoveryCluster(host, backups);
        await cluster.ListenAsync();
        await cluster.UntilAsync(
            () => host.Services.GetServices<IHealthSource>().All(source => source.IsReady),
            "all replicas are ready");
        return cluster;
    }

    public static RecoveryServiceOptions OptionsOf(string replica, string backups) => new()
    {
        Replica = replica,
        BackupFolder = backups,
        BackupGroups = ["lock", "recovery"],
        ClaimPatience = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>One more replica, whose end does not end the process.</summary>
    public async Task<RecoveryReplica> StartReplicaAsync(
        string name, Func<RecoveryStep, string, Task>? atPoint = null)
    {
        var replica = new RecoveryReplica(
            OptionsOf(name, Backups),
            ServingSurroundings.Of(_host.Services) with { OnFault = Faults.Enqueue },
            atPoint);
        _owned.Add(replica.Served);
        _owned.Add(new BackupsOf(replica));
        await replica.Served.StartAsync(Cancelled);
        await UntilAsync(() => ((IHealthSource)replica.Served).IsReady, name + " is ready");
        return replica;
    }

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"Not within {Patience}: {what}; faults: {string.Join("; ", Faults)}; heard: "
                    + string.Join("; ", Heard));
            }
            await Task.Delay(Again, TimeProvider.System, Cancelled);
        }
    }

    /// <summary>Sends a command to the public endpoint; the answer, whatever it is of the three.</summary>
    public async Task<object> AskAsync<TCommand, TAnswer, TRefused, TUnknown>(TCommand command)
        where TCommand : class
        where TAnswer : class
        where TRefused : class
        where TUnknown : class
    {
        var client = _host.Services.GetRequiredService<IBus>().CreateRequestClient<TCommand>(Patience);
        var response = await client.GetResponse<TAnswer, TRefused, TUnknown>(command, Cancelled);
        return response.Message;
    }

    public async Task<object> RecoveryAsync<TCommand, TAnswer>(TCommand command)
        where TCommand : class
        where TAnswer : class =>
        await AskAsync<TCommand, TAnswer, RecoveryRefused, RecoveryUnknown>(command);

    /// <summary>Plays the detectors.</summary>
    public Task FailAsync(string node, long? number = null) => _link!.PublishEventAsync(
        new NodeFailed
        {
            Node = node,
            Incarnation = "i1",
            Event = new() { Group = "detector", Epoch = 1, Number = number ?? ++_verdicts },
        },
        Cancelled);

    /// <summary>Plays the detectors, too: the node said that it stops.</summary>
    public Task LeaveAsync(string node) => _link!.PublishEventAsync(
        new NodeLeft
        {
            Node = node,
            Incarnation = "i1",
            Event = new() { Group = "detector", Epoch = 1, Number = ++_verdicts },
        },
        Cancelled);

    public IReadOnlyList<T> HeardOf<T>() => [.. Heard.OfType<T>()];

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_owned))
        {
            await one.DisposeAsync();
        }
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    private async Task ListenAsync()
    {
        var links = _host.Services.GetRequiredService<ILinkFactory>();
        _link = links.Create(new LinkOptions
        {
            Address = "subscriber",
            OnMessage = Hear,
            Subscriptions =
            [
                links.Names.Exchange(typeof(RecoveryStarted)), links.Names.Exchange(typeof(StandbyPromoted)),
                links.Names.Exchange(typeof(RecoveryCompleted)), links.Names.Exchange(typeof(RecoveryFailed)),
                links.Names.Exchange(typeof(GroupRemoved)), links.Names.Exchange(typeof(BackupCompleted)),
                links.Names.Exchange(typeof(RestoreCompleted)),
            ],
            Publishes = [links.Names.Exchange(typeof(NodeFailed)), links.Names.Exchange(typeof(NodeLeft))],
        });
        _owned.Add(_link);
        await _link.StartAsync(Cancelled);
    }

    private void Hear(LinkMessage message)
    {
        var name = message.Type[(message.Type.IndexOf(':', StringComparison.Ordinal) + 1)..];
        Heard.Enqueue(name switch
        {
            nameof(RecoveryStarted) => message.Read<RecoveryStarted>(),
            nameof(StandbyPromoted) => message.Read<StandbyPromoted>(),
            nameof(RecoveryCompleted) => message.Read<RecoveryCompleted>(),
            nameof(RecoveryFailed) => message.Read<RecoveryFailed>(),
            nameof(GroupRemoved) => message.Read<GroupRemoved>(),
            nameof(BackupCompleted) => message.Read<BackupCompleted>(),
            _ => message.Read<RestoreCompleted>(),
        });
    }

    private sealed class BackupsOf(RecoveryReplica replica) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            replica.Backups.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

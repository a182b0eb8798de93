using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Consensus;
using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Hosting;
using Muster.Registry.Machine;
using Muster.Replication;
using Muster.Views;
using Xunit;

namespace Muster.Registry.Tests;

/// <summary>
/// One consensus node and two registry replicas in this process, and a link of the test's own.
/// </summary>
internal sealed class RegistryHost : IAsyncDisposable
{
    private const string Inbox = "client.test";
    private const string Node = "n1";
    private static readonly string[] Replicas = ["a", "b"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly IHost _host;
    private readonly IBusLink _link;
    private readonly ConcurrentDictionary<string, RegistryReply> _replies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LinkMessage> _others = new(StringComparer.Ordinal);
    private int _commands;

    private RegistryHost(IHost host)
    {
        _host = host;
        var links = host.Services.GetRequiredService<ILinkFactory>();
        _link = links.Create(new LinkOptions
        {
            Address = Inbox,
            OnMessage = Take,
            Publishes =
            [
                links.Names.Exchange(typeof(RegistryCommandBatch)),
                links.Names.Exchange(typeof(Muster.Contracts.Detector.Heartbeat)),
            ],
        });
        Names = links.Names;
    }

    public BusNames Names { get; }

    /// <summary>The first replica's.</summary>
    public ReplicaRuntime<RegistryEntryCommand, RegistryEffect> Runtime =>
        _host.Services.GetRequiredKeyedService<RegistryReplica>(Replicas[0]).Served.Runtime;

    public IServiceViews Views => _host.Services.GetRequiredService<IServiceViews>();

    public IBus Endpoints => _host.Services.GetRequiredService<IBus>();

    public static async Task<RegistryHost> StartAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.AddFilter((_, level) => level >= LogLevel.Warning);
        var services = builder.Services;
        services.AddMusterEndpointsInMemory(endpoints => endpoints.AddRegistryEndpoint());
        services.AddSingleton(provider => new MemoryBus(
            provider.GetRequiredService<IBus>(), provider.GetRequiredService<BusNames>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<ILinkFactory>(provider => new MemoryLinkFactory(
            provider.GetRequiredService<MemoryBus>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IServiceViews>(_ => new MemoryServiceViews());
        services.AddConsensusNode(Node, _ => new ConsensusOptions
        {
            Node = Node,
            Members = [Node],
            Groups = ["registry"],
            Bootstrap = true,
            DataFolder = Scratch.NewFolder("registry-node"),
        });
        foreach (var replica in Replicas)
        {
            services.AddRegistryReplica(replica, _ => new()
            {
                Replica = replica,
                ViewRefresh = TimeSpan.FromMilliseconds(200),
            });
        }
        var host = new RegistryHost(builder.Build());
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        await host._link.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
    }

    public string NextId() => $"t{Interlocked.Increment(ref _commands)}";

    /// <summary>Sends a command in a batch until it is answered, with one id, as a client does.</summary>
    public async Task<RegistryReply> AskAsync(string commandId, RegistryCommand command)
    {
        var batch = new RegistryCommandBatch { ReplyTo = ReplyAddress.Inbox(Inbox), Commands = [command] };
        var askedAt = long.MinValue;
        await UntilAsync(
            () =>
            {
                var isDue = askedAt == long.MinValue || TimeProvider.System.GetElapsedTime(askedAt) > Again;
                if (isDue && _link.Publish(Names.Exchange(typeof(RegistryCommandBatch)), batch))
                {
                    askedAt = TimeProvider.System.GetTimestamp();
                }
                return _replies.TryGetValue(commandId, out var reply)
                    && reply is not { RegistryRefused.Reason: RegistryRefusal.NotReady };
            },
            $"{commandId} is not answered");
        return _replies[commandId];
    }

    public bool Beat(Muster.Contracts.Detector.Heartbeat heartbeat) => _link.Publish(
        Names.Exchange(typeof(Muster.Contracts.Detector.Heartbeat)),
        heartbeat with { ReplyTo = ReplyAddress.Inbox(Inbox) });

    /// <summary>Sends to a queue, and waits for an answer of a type.</summary>
    public async Task<TAnswer> AskQueueAsync<TAnswer>(string queue, object message) where TAnswer : class
    {
        _others.TryRemove(BusJson.TypeName(typeof(TAnswer)), out _);
        await UntilAsync(
            () => _link.SendToQueue(
                Names.Queue(queue), message, new SendOptions { ReplyTo = ReplyAddress.InboxScheme + Inbox }),
            "the link is down");
        return await HeardAsync<TAnswer>();
    }

    public async Task<T> HeardAsync<T>() where T : class
    {
        var type = BusJson.TypeName(typeof(T));
        await UntilAsync(() => _others.ContainsKey(type), $"no {type} came");
        return _others[type].Read<T>();
    }

    public static Task UntilAsync(Func<bool> condition, string otherwise) =>
        UntilAsync(() => Task.FromResult(condition()), otherwise);

    public static async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, otherwise);
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private void Take(LinkMessage message)
    {
        if (message.Type != BusJson.TypeName(typeof(RegistryReplyBatch)))
        {
            _others[message.Type] = message;
            return;
        }
        foreach (var reply in message.Read<RegistryReplyBatch>().Replies)
        {
            if (IdOf(reply) is { Length: > 0 } id)
            {
                _replies[id] = reply;
            }
        }
    }

    private static string? IdOf(RegistryReply reply) =>
        reply.InstanceAccepted?.CommandId ?? reply.ConfigWritten?.CommandId
        ?? reply.ServiceResolved?.CommandId ?? reply.ServicesListed?.CommandId ?? reply.ConfigRead?.CommandId
        ?? reply.ConfigListed?.CommandId ?? reply.RegistryEventsRead?.CommandId
        ?? reply.RegistryRefused?.CommandId;
}

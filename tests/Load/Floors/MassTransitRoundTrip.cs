using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Muster.Load.Floors;

/// <summary>Asks for its payload back.</summary>
public sealed record EchoPayload
{
    public byte[] Payload { get; init; } = [];
}

public sealed record PayloadEchoed
{
    public byte[] Payload { get; init; } = [];
}

/// <summary>
/// A MassTransit request and its response over the same broker, with its defaults; asker and echo have a bus
/// each. What every service behind a MassTransit endpoint pays.
/// </summary>
internal sealed class MassTransitRoundTrip : IFloor
{
    private static readonly EchoPayload Request = new() { Payload = new byte[Payload.Bytes] };

    private readonly List<ServiceProvider> _providers = [];
    private readonly List<IBusControl> _buses = [];
    private IRequestClient<EchoPayload>? _client;

    public static async Task<IFloor> ConnectAsync(Uri broker, int lanes)
    {
        var floor = new MassTransitRoundTrip();
        var queue = $"load-echo-{Guid.NewGuid():N}";
        await floor.StartAsync(broker, bus => bus.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.Durable = false;
            endpoint.AutoDelete = true;
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = Math.Max(16, lanes);
            endpoint.Handler<EchoPayload>(context =>
                context.RespondAsync(new PayloadEchoed { Payload = context.Message.Payload }));
        }));
        var asker = await floor.StartAsync(broker, _ => { });
        floor._client = asker.CreateRequestClient<EchoPayload>(
            new Uri($"exchange:{queue}?temporary=true"), RequestTimeout.After(s: 30));
        // The first request sets its path up, and threads of many that do so together would wait for it.
        await floor.OnceAsync(0);
        return floor;
    }

    public async Task OnceAsync(int lane) => await _client!.GetResponse<PayloadEchoed>(Request);

    public async ValueTask DisposeAsync()
    {
        // The asker first: its answers' queue is its own, the echo's is deleted with its last consumer.
        foreach (var bus in Enumerable.Reverse(_buses))
        {
            await bus.StopAsync();
        }
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }

    private async Task<IBusControl> StartAsync(Uri broker, Action<IRabbitMqBusFactoryConfigurator> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMassTransit(endpoints =>
        {
            endpoints.DisableUsageTelemetry();
            endpoints.UsingRabbitMq((_, bus) =>
            {
                Connect(bus, broker);
                configure(bus);
            });
        });
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        var control = provider.GetRequiredService<IBusControl>();
        await control.StartAsync();
        _buses.Add(control);
        return control;
    }

    private static void Connect(IRabbitMqBusFactoryConfigurator bus, Uri broker)
    {
        var isTls = broker.Scheme == "amqps";
        var port = broker.Port > 0 ? broker.Port : isTls ? 5671 : 5672;
        var path = Uri.UnescapeDataString(broker.AbsolutePath.TrimStart('/'));
        var user = broker.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        bus.Host(broker.Host, (ushort)port, path.Length == 0 ? "/" : path, "muster load, floor", host =>
        {
            host.Username(user[0].Length == 0 ? "guest" : user[0]);
            host.Password(user.Length == 2 ? user[1] : "guest");
            if (isTls)
            {
                host.UseSsl(ssl => ssl.ServerName = broker.Host);
            }
        });
    }
}

using Microsoft.Extensions.Logging.Abstractions;

namespace Muster.Bus.Tests;

/// <summary>A fresh in-memory bus for each test, and its links.</summary>
public abstract class MemoryLinks : IAsyncLifetime
{
    private readonly List<IBusLink> _links = [];

    protected static BusNames Names { get; } = new(BusNames.DefaultCluster);

    protected MemoryBus Bus { get; } = new(Names, NullLoggerFactory.Instance);

    private protected MemoryLinkFactory Factory => new(Bus, NullLoggerFactory.Instance);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }
        await Bus.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<IBusLink> StartAsync(LinkOptions options)
    {
        var link = Factory.Create(options);
        _links.Add(link);
        await link.StartAsync(TestContext.Current.CancellationToken);
        return link;
    }

    private protected Task<IBusLink> StartAsync(
        string address, Received received, params string[] subscriptions) =>
        StartAsync(new LinkOptions
        {
            Address = address,
            OnMessage = received.Add,
            Subscriptions = subscriptions,
        });

    private protected Task<IBusLink> StartSenderAsync(params string[] publishes) =>
        StartAsync(new LinkOptions { Address = "sender", OnMessage = _ => { }, Publishes = publishes });
}

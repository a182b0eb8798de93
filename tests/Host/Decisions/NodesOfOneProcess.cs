using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Consensus;
using Muster.Contracts.Decisions;
using Muster.Decisions;
using Muster.Hosting;
using Xunit;

namespace Muster.Host.Tests.Decisions;

/// <summary>
/// Three consensus nodes with the decisions beside them in this process, over the bus in memory; started
/// again on the same disks as often as the test says.
/// </summary>
internal sealed class NodesOfOneProcess(string folder, params string[] groups) : IAsyncDisposable
{
    private static readonly string[] Nodes = ["n1", "n2", "n3"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);

    private IHost? _host;

    public IServiceProvider Services => _host!.Services;

    public IReadOnlyList<IHealthSource> Health => [.. Services.GetServices<IHealthSource>()];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async Task StartAsync()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var services = builder.Services;
        services.AddMusterEndpointsInMemory(endpoints => endpoints.AddDecisionsEndpoint());
        services.AddSingleton(provider => new MemoryBus(
            provider.GetRequiredService<IBus>(), provider.GetRequiredService<BusNames>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<ILinkFactory>(provider => new MemoryLinkFactory(
            provider.GetRequiredService<MemoryBus>(), provider.GetRequiredService<ILoggerFactory>()));
        foreach (var node in Nodes)
        {
            services.AddConsensusNode(node, _ => OptionsOf(node));
            services.AddNodeDecisions(node, _ => OptionsOf(node), _ => new());
        }
        _host = builder.Build();
        await _host.StartAsync(Cancelled);
        await UntilAsync(() => Health.All(source => source.IsReady), () => "all are ready");
    }

    /// <summary>Over the public endpoint, again under the same id until it is done or refused.</summary>
    public async Task<object> ProposeAsync(ProposeValue propose)
    {
        var client = Services.GetRequiredService<IBus>().CreateRequestClient<ProposeValue>(Patience);
        while (true)
        {
            var response = await client.GetResponse<ValueProposed, DecisionRefused, DecisionUnknown>(
                propose, Cancelled);
            if (response.Message is not DecisionUnknown)
            {
                return response.Message;
            }
        }
    }

    public static async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not within {Patience}: {what()}");
            await Task.Delay(Again, TimeProvider.System, Cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
        }
    }

    private ConsensusOptions OptionsOf(string node) => new()
    {
        Node = node,
        Members = [.. Nodes],
        Groups = [.. groups],
        Bootstrap = true,
        DataFolder = Path.Combine(folder, node),
    };
}

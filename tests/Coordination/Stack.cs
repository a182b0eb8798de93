using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Xunit;

namespace Muster.Coordination.Tests;

/// <summary>
/// The cluster of one test class: started when its first test asks, whole when handed out, gone after the
/// last.
/// </summary>
public abstract class Stack(BrokerFixture brokers, ClusterOptions options) : IAsyncLifetime
{
    private MusterCluster? _cluster;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    internal async Task<MusterCluster> WholeAsync(string? redis = null)
    {
        var broker = await brokers.ControllableAsync();
        _cluster ??= MusterCluster.Create(broker, brokers.NewCluster(), options with { Redis = redis });
        await _cluster.BeWholeAsync();
        return _cluster;
    }

    /// <summary>Asks as bare JSON, over a connection of its own, which no outage before has broken.</summary>
    internal static async Task<BareAnswer> AskAsync<T>(MusterCluster cluster, T question) where T : class
    {
        await using var bare = await BareClient.ConnectAsync(cluster);
        return await bare.AskAsync(question);
    }
}

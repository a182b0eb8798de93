using Muster.Broker;
using Muster.Cluster;
using Xunit;

namespace Muster.Containers.Tests;

/// <summary>
/// The cluster that tests share which leave it able to work: whole when handed out, whatever the test before
/// killed.
/// </summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private MusterCluster? _cluster;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    internal async Task<MusterCluster> WholeAsync(BrokerFixture brokers)
    {
        // One that tests may stop, so that the tests of outages share the cluster too; without one they skip
        // themselves.
        var broker = await brokers.SharedAsync();
        _cluster ??= MusterCluster.Create(broker, brokers.NewCluster());
        await _cluster.BeWholeAsync();
        return _cluster;
    }
}

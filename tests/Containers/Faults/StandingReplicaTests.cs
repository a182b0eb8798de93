using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>
/// A lock replica that stands still: the broker goes on to hand it its share of heartbeats and commands until
/// it gives the connection up, some 20 s later.
/// </summary>
public sealed class StandingReplicaTests(BrokerFixture brokers, SharedCluster shared)
{
    private const int Holders = 6;
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Locks_are_kept_and_passed_on_by_the_other_replica_meanwhile()
    {
        var cluster = await shared.WholeAsync(brokers);
        var clients =
            Enumerable.Range(0, Holders).Select(i => cluster.NewClient($"holder-{i}", Ttl)).ToList();
        var held = await Task.WhenAll(clients.Select((client, i) => client.Locks.AcquireAsync(
            Name(i), cancellationToken: TestContext.Current.CancellationToken).AsTask()));

        cluster.Replicas[0].Pause();
        await HeldForAsync(clients[0], Ttl * 4);

        held.Select((handle, i) => handle.IsLost ? Name(i) : "").Where(name => name != "").ShouldBeEmpty();
        var passedOn = clients[1].Locks.AcquireAsync(
            Name(0), MusterCluster.Patience, TestContext.Current.CancellationToken);
        await held[0].DisposeAsync();
        (await passedOn).FencingToken.ShouldBeGreaterThan(held[0].FencingToken);
        cluster.Replicas[0].Resume();
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static string Name(int number) => $"standing/{number}";

    /// <summary>By log time, which the deadlines of the sessions keep going.</summary>
    private static Task HeldForAsync(MusterClient client, TimeSpan time)
    {
        long? seen = null;
        return Until.TrueAsync(
            async () =>
            {
                var lockState = await client.Locks.DescribeAsync(
                    Name(0), TestContext.Current.CancellationToken);
                seen = lockState.Holders.SingleOrDefault()?.HeldMilliseconds;
                return seen is null || seen > time.TotalMilliseconds;
            },
            MusterCluster.Patience, () => $"held for {time}; so far {seen} ms");
    }
}

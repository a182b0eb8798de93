using Muster.Broker;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Locks;

/// <summary>
/// A killed holder's lock is another's within what its grant stated, also when the leader or a lock replica
/// dies with it. There are no detectors: it is the TTL that ends the session.
/// </summary>
public sealed class TakeoverTests(TakeoverTests.WithoutDetectors stack)
    : IClassFixture<TakeoverTests.WithoutDetectors>
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_lock_passes_on_within_the_bound_that_the_grant_stated(
        bool leaderDies, bool replicaDies)
    {
        var cluster = await stack.WholeAsync();
        await using var waiter = cluster.NewClient("waiter");
        var leader = await cluster.LeaderAsync();
        // When the session is about to end it costs the most.
        async Task KillAsync()
        {
            await Task.Delay(Ttl * 0.8, TimeProvider.System, Cancellation);
            await Task.WhenAll(
                leaderDies ? leader.KillAsync() : Task.CompletedTask,
                replicaDies ? cluster.Replicas[0].KillAsync() : Task.CompletedTask);
        }

        var takeover = await Takeover.MeasureAsync(
            cluster.ApplicationUri, cluster.Name, waiter, $"holder-{leaderDies}-{replicaDies}", Ttl,
            leaderDies ? KillAsync : null, Cancellation);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{takeover.Time.TotalMilliseconds:F0} of {takeover.Bound.TotalMilliseconds:F0} ms");
        takeover.Time.ShouldBeLessThanOrEqualTo(takeover.Bound);
        takeover.Time.ShouldBeGreaterThan(Ttl / 10, "nobody released it");
    }

    [Fact]
    public async Task The_bound_knows_the_nodes_own_election_time_out()
    {
        var cluster = await stack.WholeAsync();
        await using var client = cluster.NewClient("client");
        await using var held = await client.Locks.AcquireAsync(
            "takeover/bound", MusterCluster.Patience, Cancellation);

        held.Takeover.ElectionMilliseconds.ShouldBe(2 * 1_500);
    }

    public sealed class WithoutDetectors(BrokerFixture brokers) : Stack(brokers, new ClusterOptions
    {
        Consensus = new Dictionary<string, string> { ["Consensus__Raft__ElectionMax"] = "00:00:01.500" },
    });
}

using Muster.Broker;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>No election without a reason that can be read afterwards.</summary>
public sealed class StalledNodeTests(BrokerFixture brokers, SharedCluster shared)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_leader_that_stood_still_says_so_and_its_successor_says_why_it_stood()
    {
        var cluster = await shared.WholeAsync(brokers);
        var leader = await cluster.LeaderAsync();

        var paused = TimeProvider.System.GetUtcNow();
        leader.Pause();
        var next = await cluster.LeaderAsync(otherThan: leader);
        leader.Resume();

        var won = (await NodeTroubles.AskAsync(next)).Elections.Last(one => one.Group == "lock");
        won.Cause.ShouldBe("Silence");
        NodeStall? stall = null;
        await Until.TrueAsync(
            async () =>
            {
                // Not one of its catching up afterwards.
                stall = (await NodeTroubles.AskAsync(leader)).Stalls.FirstOrDefault(one =>
                    one.Kind == "Loop" && one.From <= won.At && one.From + one.Length > won.At);
                return stall is not null;
            },
            MusterCluster.Patience, () => $"{leader.Name} tells of its stall; so far {stall}");
        // It had to be silent for the shortest election timeout before anybody stood.
        stall!.From.ShouldBeGreaterThan(paused - Tolerance);
        stall.Length.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(400));
    }
}

using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Muster.Cluster.Wire;
using Muster.Contracts.Decisions;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>
/// Many clients race to decide the same keys while consensus processes are killed, and with them the replicas
/// of the decisions.
/// </summary>
public sealed class DecisionTests(BrokerFixture brokers, SharedCluster shared)
{
    [Fact]
    public async Task Nothing_is_decided_twice_while_every_node_is_killed_in_turn()
    {
        var cluster = await shared.WholeAsync(brokers);
        await using var load = await DecisionLoad.StartAsync(cluster);

        // The leader first, and who leads after it.
        for (var killed = 0; killed < 2; killed++)
        {
            var leader = await cluster.LeaderAsync();
            await leader.KillAsync();
            await load.MoreAsync(200);
            await MusterCluster.StartAsync(leader);
        }
        await (await cluster.FollowerAsync()).KillAsync();
        await load.MoreAsync(200);
        await cluster.BeWholeAsync();
        await load.MoreAsync(50);

        var decided = await load.EndAsync();
        var events = (await EventsAsync(cluster)).Where(
            one => one.Decision.Key.StartsWith(load.Prefix, StringComparison.Ordinal)).ToList();
        events.Select(one => one.Decision).OrderBy(one => one.Key, StringComparer.Ordinal).ShouldBe(decided);
    }

    private static async Task<List<ValueDecided>> EventsAsync(MusterCluster cluster)
    {
        await using var bare = await BareClient.ConnectAsync(cluster);
        var events = new List<ValueDecided>();
        while (true)
        {
            var read = (await bare.AskAsync(new ReadDecisionEvents
            {
                CommandId = $"events-{events.Count}",
                FromNumber = events.Count + 1,
            })).Read<DecisionEventsRead>();
            read.IsTrimmed.ShouldBeFalse();
            events.AddRange(read.Events);
            if (events.Count >= read.Head)
            {
                events.Select(one => one.Event.Number)
                    .ShouldBe(Enumerable.Range(1, events.Count).Select(number => (long)number));
                return events;
            }
        }
    }
}

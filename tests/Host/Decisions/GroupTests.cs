using Muster.Broker;
using Muster.Contracts.Decisions;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Decisions;

public sealed class GroupTests
{
    private static ProposeValue Proposal(string id, string value) =>
        new() { CommandId = id, Key = "k", Value = value };

    /// <summary>Groups may be added to disks that there are; what they decide stays on them.</summary>
    [Fact]
    public async Task A_cluster_formed_without_the_group_gets_it_at_its_next_start()
    {
        var folder = Scratch.NewFolder("decisions");
        await using (var without = new NodesOfOneProcess(folder, "lock"))
        {
            await without.StartAsync();
            var refused = (await without.ProposeAsync(Proposal("c1", "one")))
                .ShouldBeOfType<DecisionRefused>();
            (refused.Reason, refused.CommandId).ShouldBe((DecisionRefusal.NotKept, "c1"));
            without.Health.Single(source => source.Name == "decisions n1").Detail
                .ShouldContain("keep no group");
        }
        Decision decided;
        await using (var with = new NodesOfOneProcess(folder, "lock", "decisions"))
        {
            await with.StartAsync();
            var first = (await with.ProposeAsync(Proposal("c1", "one"))).ShouldBeOfType<ValueProposed>();
            (first.IsOwn, first.Decision.Value).ShouldBe((true, "one"));
            decided = first.Decision;
        }
        await using var again = new NodesOfOneProcess(folder, "lock", "decisions");
        await again.StartAsync();
        var later = (await again.ProposeAsync(Proposal("c2", "two"))).ShouldBeOfType<ValueProposed>();
        (later.IsOwn, later.Decision).ShouldBe((false, decided));
    }
}

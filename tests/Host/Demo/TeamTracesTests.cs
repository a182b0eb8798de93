using Muster.Bus;
using Muster.Client;
using Muster.Contracts.Recovery;
using Muster.Host.Demo;
using Muster.Host.Demo.Team;
using Muster.Host.Tests.Locks;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Demo;

/// <summary>A run leaves nothing in a cluster that is not its own.</summary>
public sealed class TeamTracesTests(OneGroup cluster) : IClassFixture<OneGroup>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_group_and_its_keys_go_and_nobody_elses()
    {
        var team = TeamNames.Draw();
        await using var client = cluster.NewClient("demo");
        await client.Config.PutAsync("others/rate", "1", cancellationToken: Cancel);
        foreach (var key in new[] { team.RateKey, team.LeaderKey, team.WorkKey("worker-1") })
        {
            await client.Config.PutAsync(key, "1", cancellationToken: Cancel);
        }
        await using (var place = await client.Standbys.JoinAsync(
            new()
            {
                Group = team.Standbys,
                Member = "worker-1",
                Policy = new() { Lock = team.ElectionLock },
            },
            Cancel))
        {
            await place.UpdateStateAsync(new byte[] { 1 }, Cancel);
        }

        await TeamTraces.RemoveAsync(client, team, Cancel);

        (await client.Config.ListAsync(cancellationToken: Cancel)).ShouldHaveSingleItem()
            .Key.ShouldBe("others/rate");
        (await Should.ThrowAsync<MusterRefusedException>(
            () => client.Standbys.RemoveGroupAsync(team.Standbys, cancellationToken: Cancel)))
            .Reason.ShouldBe(RecoveryRefusal.GroupUnknown);
        await TeamTraces.RemoveAsync(client, team, Cancel); // of a run that came to nothing
    }

    /// <summary>In containers every process has the same id.</summary>
    [Fact]
    public void Two_runs_have_names_of_their_own_that_a_cluster_may_have()
    {
        var runs = new[] { TeamNames.Draw(), TeamNames.Draw() };

        runs.ShouldBeUnique();
        runs.ShouldAllBe(team => BusNames.IsCluster(team.Run));
    }
}

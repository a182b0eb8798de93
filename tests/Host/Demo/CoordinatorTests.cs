using Muster.Broker;
using Muster.Client;
using Muster.Host.Demo;
using Muster.Host.Demo.Team;
using Muster.Host.Tests.Locks;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Demo;

/// <summary>The demo's leader, on an embedded host.</summary>
public sealed class CoordinatorTests(OneGroup cluster) : IClassFixture<OneGroup>
{
    private const string Worker = "worker-1";

    [Fact]
    public async Task A_plan_that_its_maker_wrote_and_did_not_hand_out_is_handed_out_by_the_next_leader()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var team = new TeamNames("handed");
        var path = Scratch.NewFolder("coordinator");
        await File.WriteAllTextAsync(Path.Combine(path, "item.txt"), "two words", limit.Token);
        using var ledger = new Ledger(Path.Combine(Scratch.NewFolder("ledger"), "ledger.db"));
        await using var client = cluster.NewClient("leader");
        await using var registration = await client.Services.RegisterAsync(
            new ServiceRegistration { Service = team.Service, InstanceId = Worker, Host = "h" }, limit.Token);
        await using var place = await client.Standbys.JoinAsync(
            new StandbyOptions { Group = team.Standbys, Member = Worker }, limit.Token);
        var written = WorkPlan.Deal(["item.txt"], [Worker]).Write();

        var leading = new Coordinator(team, WorkFolder.Open(path), ledger, client, TimeProvider.System)
            .LeadAsync(place, written, limit.Token);

        while (await client.Config.GetAsync(team.WorkKey(Worker), limit.Token) is not { Value: "item.txt" })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
        leading.IsCompleted.ShouldBeFalse("the item is not done");
        await limit.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => leading);
    }
}

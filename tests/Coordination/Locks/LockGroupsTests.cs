using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Muster.Cluster.Wire;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Locks;

/// <summary>Four lock groups in processes of their own, over a real broker.</summary>
public sealed class LockGroupsTests(LockGroupsTests.FourGroups stack)
    : IClassFixture<LockGroupsTests.FourGroups>
{
    private const int Groups = 4;
    private const string Project = "services/Lock/Muster.Lock.csproj";
    private const int RefusedExitCode = 78;

    private static readonly LoadOptions EveryGroup = new() { Locks = 12, Clients = 4, WorkersPerClient = 6 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The load judges itself: no lock has two holders, and no token goes back.</summary>
    [Fact]
    public async Task Locks_of_every_group_are_granted_once_while_replicas_and_leaders_die()
    {
        var cluster = await stack.WholeAsync();
        await using var load = await LockLoad.StartAsync(cluster, EveryGroup);
        load.Locks.Select(name => LockGroups.OfLock(name, Groups)).Distinct().Count()
            .ShouldBeGreaterThan(1, "the names are new in each run");

        await cluster.Replicas[0].KillAsync();
        await load.MoreCyclesAsync(5, MusterCluster.Patience);
        await MusterCluster.StartAsync(cluster.Replicas[0]);
        await (await cluster.LeaderAsync()).KillAsync();

        await load.MoreCyclesAsync(5, MusterCluster.Patience);
        await load.EndAsync();
    }

    [Fact]
    public async Task A_process_with_another_number_of_groups_is_refused_and_disturbs_nobody()
    {
        var cluster = await stack.WholeAsync();
        await using var client = cluster.NewClient("before");
        await using var held = await client.Locks.AcquireAsync(
            "groups/held", MusterCluster.Patience, Cancellation);

        foreach (var other in new[] { "1", "2", "8" })
        {
            await using var process = ServiceProcess.Start(
                ServiceProcessOptions.Service(Project, "lock-of-" + other) with
                {
                    Environment = new Dictionary<string, string>(cluster.Replicas[0].Environment)
                    {
                        ["Bus__Uri"] = cluster.ApplicationUri.ToString(),
                        ["Lock__Replica"] = "other",
                        ["Lock__Groups"] = other,
                    },
                });

            (await process.ExitAsync(MusterCluster.Patience)).ShouldBe(RefusedExitCode, process.Output());
            var output = process.Output();
            output.ShouldContain("The lock replica does not start: The log of lock");
            output.ShouldContain($"was founded for 4 lock groups, and Lock:Groups is {other}. Set it to 4");
        }

        held.IsLost.ShouldBeFalse();
        await using var next = await client.Locks.AcquireAsync(
            "groups/next", MusterCluster.Patience, Cancellation);
    }

    /// <summary>One heartbeat for all of them, and each group answers for its own.</summary>
    [Fact]
    public async Task A_bare_client_renews_its_sessions_of_all_groups_by_one_heartbeat()
    {
        var cluster = await stack.WholeAsync();
        await using var bare = await BareClient.ConnectAsync(cluster);
        var sessions = Enumerable.Range(0, Groups).Select(number => $"{number}:{bare.SessionId}").ToList();
        foreach (var session in sessions)
        {
            (await bare.AskAsync(new OpenSession { CommandId = NewId(), SessionId = session }))
                .Read<SessionOpened>().Groups.ShouldBe(Groups);
        }

        var heartbeat = new Heartbeat { Node = "bare", Incarnation = "1", Number = 1, Sessions = sessions };
        var answers = new List<HeartbeatAnswered>
        {
            (await bare.AskAsync(heartbeat, "beat")).Read<HeartbeatAnswered>(),
        };
        while (answers.Count < Groups)
        {
            answers.Add((await bare.NextAsync("beat")).Read<HeartbeatAnswered>());
        }

        answers.Select(answer => answer.Group).ShouldBe(LockGroups.NamesOf(Groups), ignoreOrder: true);
        answers.ShouldAllBe(answer => answer.Sessions.Single().Status == RenewalStatus.Renewed);
        foreach (var answer in answers)
        {
            LockGroups.NameOf(LockGroups.OfSession(answer.Sessions[0].SessionId, Groups)!.Value)
                .ShouldBe(answer.Group);
        }
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    public sealed class FourGroups(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { LockGroups = Groups });
}

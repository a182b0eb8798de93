using Muster.Bus;
using Muster.Consensus.Core;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

public sealed class BootstrapTests
{
    private const int Dropped = 2011;
    private const int Forming = 2020, DiskLearned = 2021, TakesPart = 2022;
    private const int DiskOfMemberRefused = 2023, DiskRefused = 2024;

    [Fact]
    public async Task No_node_takes_part_before_all_members_are_known()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await cluster.StartAsync("n1");
        await cluster.StartAsync("n2");
        (await cluster.Log.WaitForAsync(Forming, "n1")).ShouldContain("n2, n3");
        await cluster.Log.WaitForAsync(DiskLearned, "n1 knows n2");
        await cluster.Log.WaitForAsync(DiskLearned, "n2 knows n1");
        var refused = await cluster.Client.AskAsync("n1", new ReadIndex { Group = TestClient.Group });
        refused.ShouldBeOfType<ConsensusRefused>().Message.ShouldContain("waits for the disks of n3");
        cluster.HealthOf("n1").IsReady.ShouldBeFalse();

        await cluster.StartAsync("n3");
        await Task.WhenAll(
            TestCluster.Names.Select(node => cluster.Log.WaitForAsync(TakesPart, node + " knows every")));
        var leader = (await cluster.Client.NextElectionAsync()).Leader.Value;
        await cluster.AgreedLogAsync(leader);
        cluster.HealthOf(leader).IsReady.ShouldBeTrue();
        cluster.HealthOf(leader).Detail.ShouldBe($"{leader} leads lock");
    }

    [Fact]
    public async Task A_formed_cluster_starts_again_without_the_third_member()
    {
        var (cluster, _) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await Task.WhenAll(
            TestCluster.Names.Select(node => cluster.Log.WaitForAsync(TakesPart, node + " knows every")));
        await cluster.StopAllAsync();
        await cluster.StartAsync("n1");
        await cluster.StartAsync("n2");
        (await cluster.Client.NextElectionAsync()).Leader.Value.ShouldBeOneOf("n1", "n2");
    }

    [Fact]
    public async Task An_emptied_disk_is_refused_and_the_others_go_on()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, [1]);
        await cluster.AgreedLogAsync(leader);
        var emptied = TestCluster.Names.First(node => node != leader);
        await cluster.StopAsync(emptied);
        Directory.Delete(cluster.Folder.Of(emptied), recursive: true);
        await cluster.StartAsync(emptied);

        (await cluster.Log.WaitForAsync(DiskOfMemberRefused, $"refuses {emptied}"))
            .ShouldContain("emptied or replaced");
        (await cluster.Log.WaitForAsync(DiskRefused, emptied))
            .ShouldContain("this disk was emptied or replaced");
        await cluster.Client.ProposeAsync(leader, [2]);
        var refused = await cluster.Client.AskAsync(emptied, new ReadIndex { Group = TestClient.Group });
        refused.ShouldBeOfType<ConsensusRefused>().Message.ShouldContain("this disk was emptied");
        cluster[emptied].Status.Participation.ShouldBe(Participation.Refused);
        cluster.HealthOf(emptied).IsReady.ShouldBeFalse();
        cluster.HealthOf(emptied).Detail.ShouldContain("this disk was emptied");
    }

    [Fact]
    public async Task A_message_of_another_cluster_or_disk_changes_nothing()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, [1]);
        var other = new NodeId(TestCluster.Names.First(node => node != leader));
        var vote = new RequestVote
        {
            ClusterId = "test",
            Group = TestClient.Group,
            From = other,
            To = new(leader),
            DiskId = "stranger",
            Protocol = 1,
            Term = new(99),
        };
        Send(vote);
        Send(vote with { ClusterId = "another" });
        Send(vote with { From = new("n9") });
        var member = cluster[other.Value].Status;
        var known = vote with { DiskId = member.DiskId, StartId = member.StartId };
        Send(known with { LogId = "another" });
        Send(known);
        Send(known with { LogId = member.LogId, StartId = "00000000-00000000" });
        Send(known with { LogId = member.LogId, Protocol = 2 });
        var answer = await cluster.Client.AskAsync(leader, new DescribeGroup { Group = TestClient.Group });
        var description = answer.ShouldBeOfType<GroupDescription>();
        description.Role.ShouldBe(RaftRole.Leader);
        description.Term.ShouldBeLessThan(new Term(99));

        void Send(RequestVote message) =>
            cluster.Client.Link.Send(BusNames.ConsensusAddress(leader), message).ShouldBeTrue();
    }

    [Fact]
    public async Task A_build_that_speaks_otherwise_is_not_understood_and_the_log_says_so()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var newer = new AnnounceDisk { ClusterId = "test", From = new("n4"), To = new(leader), Protocol = 2 };
        var said = cluster.Log.WaitForAsync(
            Dropped, "n4 speaks protocol 2, and this node understands 1 to 1");
        while (!said.IsCompleted)
        {
            // One line a second is written of all that is dropped.
            cluster.Client.Link.Send(BusNames.ConsensusAddress(leader), newer).ShouldBeTrue();
            await Task.WhenAny(said, Task.Delay(
                TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken));
        }
        await said;
        await cluster.Client.ProposeAsync(leader, [1]);
    }

    [Fact]
    public async Task A_node_does_not_start_without_bootstrap_nor_in_a_folder_in_use()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var surroundings =
            new ConsensusSurroundings { Links = new MemoryLinkFactory(cluster.Bus, cluster.Log) };
        Should.Throw<StartRefusedException>(() =>
            new ConsensusNodeHost(cluster.OptionsOf("n1", bootstrap: false), surroundings))
                .Message.ShouldContain("is empty");
        await cluster.StartAsync("n1");
        Should.Throw<StartRefusedException>(() =>
            new ConsensusNodeHost(cluster.OptionsOf("n1"), surroundings))
                .Message.ShouldContain("in use by another process");
    }

    [Fact]
    public void Every_limit_of_the_core_can_be_set_and_is_checked()
    {
        new RaftTimes().ToCore().ShouldBe(new RaftOptions());
        var times = new RaftTimes
        {
            MaxAppendBytes = 5000,
            MaxInflightAppends = 3,
            MaxInflightBytes = 6000,
            MaxPendingReads = 7,
            MaxLogBytes = 200_000_000,
            TrailingBytes = 8,
        };
        RaftTimes.Problems(times).ShouldBeEmpty();
        times.ToCore().ShouldBe(new RaftOptions
        {
            MaxAppendBytes = 5000,
            MaxInflightAppends = 3,
            MaxInflightBytes = 6000,
            MaxPendingReads = 7,
            MaxLogBytes = 200_000_000,
            TrailingBytes = 8,
        });
        RaftTimes.Problems(times with { MaxInflightBytes = 4999 }).Single().ShouldContain("4999");
        RaftTimes.Problems(times with { MaxAppendBytes = 4095 }).Single().ShouldContain("4095");
        RaftTimes.Problems(times with { MaxInflightAppends = 0 }).Single().ShouldContain("Appends 0");
        RaftTimes.Problems(times with { MaxPendingReads = 0 }).Single().ShouldContain("Reads 0");
    }

    [Fact]
    public void Options_that_cannot_work_are_named_with_their_values()
    {
        var options = new ConsensusOptions
        {
            Node = "n4",
            Members = ["n1", "n2", "n1"],
            Groups = ["a b"],
            ScrubInterval = TimeSpan.FromMilliseconds(999),
            Raft = new() { ElectionMin = TimeSpan.FromMilliseconds(100), MaxLogBytes = 99_000_000 },
        };
        var problems = ConsensusOptions.Problems(options).ToList();
        problems.Count.ShouldBe(7);
        problems.ShouldContain(problem => problem.Contains("00.999", StringComparison.Ordinal));
        problems.ShouldContain(problem => problem.Contains("MaxLogBytes 99000000", StringComparison.Ordinal));
        problems.ShouldContain(problem => problem.Contains("'n4'", StringComparison.Ordinal));
        problems.ShouldContain(problem => problem.Contains("'a b'", StringComparison.Ordinal));
    }
}

using Muster.Bus;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>All nodes are wiped and bootstrapped anew while a replica keeps running.</summary>
public sealed class LogReplacementTests
{
    private const string Group = TestClient.Group;
    private const int DiskLearned = 2021;

    [Fact]
    public async Task A_running_replica_leaves_the_old_log_and_follows_the_new_one_from_its_first_entry()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await using var replica = await TestReplica.StartAsync(cluster.Bus, "r");
        await using var other = await TestReplica.StartAsync(cluster.Bus, "s");
        for (var number = 1; number <= 20; number++)
        {
            (await replica.AddAsync([1])).Total.ShouldBe(number);
            (await other.NextEffectAsync(own: false)).Total.ShouldBe(number);
        }
        var oldLog = cluster[leader].Status.LogId;
        replica.Status.View.LogId.ShouldBe(oldLog);

        await cluster.StopAllAsync();
        replica.Submit([100, 100]);
        await cluster.BootstrapAnewAsync();
        var newLeader = (await cluster.Client.NextElectionAsync()).Leader.Value;
        var newLog = cluster[newLeader].Status.LogId;
        string.CompareOrdinal(newLog, oldLog).ShouldBeGreaterThan(0);
        (await replica.NextWordAsync()).ShouldBe("log " + newLog);
        (await replica.NextWordAsync()).ShouldBe("unknown 2");
        (await other.NextWordAsync()).ShouldBe("log " + newLog);

        // The total shows it: nothing of the old machine, and nothing that was proposed to the old log.
        (await replica.ReadTotalAsync()).Result.ShouldBe(0);
        for (var number = 1; number <= 30; number++)
        {
            var (index, total) = await replica.AddAsync([7]);
            total.ShouldBe(7 * number);
            (await other.NextEffectAsync(own: false)).ShouldBe((index, total));
        }
        var log = await cluster.AgreedLogAsync(newLeader);
        log.Where(entry => entry.Kind == EntryKind.Command)
            .Select(entry => EntryEnvelope.Read(entry.Payload)).Where(envelope => !envelope.IsRecord)
            .Select(envelope => (envelope.Origin, envelope.Number)).Distinct().Count().ShouldBe(30);
        (await other.ReadTotalAsync()).Result.ShouldBe(210);
    }

    [Fact]
    public async Task A_late_word_of_the_old_leader_changes_nothing()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await using var replica = await TestReplica.StartAsync(cluster.Bus, "r");
        await replica.AddAsync([1]);
        var late = new EntriesCommitted
        {
            ClusterId = "test",
            LogId = cluster[leader].Status.LogId,
            Group = Group,
            Leader = new(leader),
            Term = new(1_000),
            Entries = [new() { Index = new(1), Term = new(1_000) }, new() { Index = new(2) }],
            CommitIndex = new(5_000),
        };
        await cluster.BootstrapAnewAsync();
        (await replica.NextWordAsync()).ShouldStartWith("log ");
        cluster.Client.Link.Publish(cluster.Bus.Names.Committed(Group), late).ShouldBeTrue();

        (await replica.AddAsync([5])).Total.ShouldBe(5);
        replica.Status.View.CommitIndex.ShouldBeLessThan(new LogIndex(100));
        replica.Status.View.Term.ShouldBeLessThan(new Term(1_000));
    }

    [Fact]
    public async Task Requests_about_another_log_are_refused_and_those_about_any_are_not()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var logId = cluster[leader].Status.LogId;
        const string Other = "000000000000-0000000000000000";
        await Refused(new ProposeEntries { Group = Group, LogId = Other, Payloads = [[1]] });
        await Refused(new ReadIndex { Group = Group, LogId = Other });
        await Refused(new ReadEntries { Group = Group, LogId = Other, FromIndex = new(1) });
        await Refused(new ReadSnapshot { Group = Group, LogId = Other });
        await Refused(new StoreSnapshot { Group = Group, LogId = Other, Index = new(1), Payload = [6] });
        var unnamed = new StoreSnapshot { Group = Group, Index = new(1), Payload = [6] };
        (await cluster.Client.AskAsync(leader, unnamed)).ShouldBeOfType<ConsensusRefused>()
            .Reason.ShouldBe(ConsensusRefusal.Invalid);

        foreach (var asked in new[] { "", logId })
        {
            var proposal =
                new ProposeEntries { Group = Group, LogId = asked, Payloads = [[1]], WantsAnswer = true };
            (await cluster.Client.AskAsync(leader, proposal)).ShouldBeOfType<EntriesProposed>()
                .LogId.ShouldBe(logId);
            (await cluster.Client.AskAsync(leader, new ReadIndex { Group = Group, LogId = asked }))
                .ShouldBeOfType<ReadIndexFound>().LogId.ShouldBe(logId);
            var snapshot =
                await cluster.Client.AskAsync(leader, new ReadSnapshot { Group = Group, LogId = asked });
            snapshot.ShouldBeOfType<SnapshotRead>().LogId.ShouldBe(logId);
            snapshot.ShouldBeOfType<SnapshotRead>().Snapshot.ShouldBeNull();
        }

        async Task Refused<T>(T request) where T : class
        {
            var refused =
                (await cluster.Client.AskAsync(leader, request)).ShouldBeOfType<ConsensusRefused>();
            (refused.Reason, refused.LogId).ShouldBe((ConsensusRefusal.OtherLog, logId));
        }
    }

    [Fact]
    public async Task Requests_of_a_protocol_that_the_node_does_not_understand_are_refused()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        const int Newer = ConsensusProtocol.Spoken + 1;
        await Refused(new ProposeEntries { Group = Group, Payloads = [[1]], Protocol = Newer });
        await Refused(new ReadIndex { Group = Group, Protocol = Newer });
        await Refused(new ReadEntries { Group = Group, FromIndex = new(1), Protocol = Newer });
        await Refused(new ReadSnapshot { Group = Group, Protocol = Newer });
        await Refused(new StoreSnapshot { Group = Group, Index = new(1), Payload = [6], Protocol = Newer });
        await Refused(new DescribeGroup { Group = Group, Protocol = Newer });

        var spoken = new ProposeEntries
        {
            Group = Group,
            Payloads = [[1]],
            WantsAnswer = true,
            Protocol = ConsensusProtocol.Spoken,
        };
        foreach (var proposal in new[] { spoken, spoken with { Protocol = 0 } })
        {
            (await cluster.Client.AskAsync(leader, proposal)).ShouldBeOfType<EntriesProposed>()
                .Protocol.ShouldBe(ConsensusProtocol.Spoken);
        }

        async Task Refused<T>(T request) where T : class
        {
            var refused =
                (await cluster.Client.AskAsync(leader, request)).ShouldBeOfType<ConsensusRefused>();
            refused.Reason.ShouldBe(ConsensusRefusal.OtherProtocol);
            refused.Message.ShouldContain($"of protocol {Newer}, and this node understands 1 to 1");
        }
    }

    [Fact]
    public async Task A_forming_node_has_no_log_to_speak_of()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await cluster.StartAsync("n1");
        await cluster.StartAsync("n2");
        // It hears: a link says that it is up a moment before it is delivered to.
        await cluster.Log.WaitForAsync(DiskLearned, "n1 knows n2");
        var read = await cluster.Client.AskAsync("n1", new ReadEntries { Group = Group, FromIndex = new(1) });
        read.ShouldBeOfType<ConsensusRefused>().Message.ShouldContain("is forming");
        var snapshot = await cluster.Client.AskAsync("n1", new ReadSnapshot { Group = Group });
        snapshot.ShouldBeOfType<ConsensusRefused>().LogId.ShouldBe("");
        var described = await cluster.Client.AskAsync("n1", new DescribeGroup { Group = Group });
        described.ShouldBeOfType<GroupDescription>().LogId.ShouldBe("");
    }

    [Fact]
    public async Task All_that_nodes_publish_names_the_same_log()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, [1]);
        await cluster.AgreedLogAsync(leader);
        var logId = cluster[leader].Status.LogId;
        var committed = await cluster.Client.Committed.ReadAsync(TestLimit.Token());
        committed.LogId.ShouldBe(logId);
        var descriptions =
            await cluster.Client.DescribeAllAsync(cluster.Bus.Names.AllConsensusNodes, count: 3);
        descriptions.ShouldAllBe(one => one.LogId == logId);
        await cluster.StopAllAsync();
        await cluster.StartAllAsync();
        (await cluster.Client.NextElectionAsync()).LogId.ShouldBe(logId);
    }
}

using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>Members come and go while the nodes run, with real files and loops.</summary>
public sealed class MembershipTests
{
    [Fact]
    public async Task A_node_is_added_catches_up_becomes_a_voter_and_carries_the_group()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        for (byte i = 1; i <= 10; i++) await cluster.Client.ProposeAsync(leader, [i]);
        var joiner = await cluster.StartJoiningAsync("n4");
        await cluster.Log.WaitForAsync(2029, $"{leader} heard n4");
        await TestLimit.UntilAsync(() => joiner.Status.Participation == Participation.NotMember);
        joiner.Status.IsReady.ShouldBeFalse();
        cluster.HealthOf("n4").Detail.ShouldContain("ChangeMembers can add it");
        // It must not say "empty" about a log that it does not know.
        var read = new ReadEntries { Group = TestClient.Group, FromIndex = new(1) };
        (await cluster.Client.AskAsync("n4", read))
            .ShouldBeOfType<ConsensusRefused>().Message.ShouldContain("waits to be added");
        (await ChangeAsync(cluster, leader, add: "n4")).Membership.Members.Count.ShouldBe(4);
        await UntilVotersAsync(cluster, leader, "n1 n2 n3 n4");
        await TestLimit.UntilAsync(() => joiner.Status.LogId == cluster[leader].Status.LogId);

        // Two of the four stop: without the new one the others are no majority.
        await ChangeAsync(cluster, leader, remove: Others(leader)[0]);
        await cluster.StopAsync(Others(leader)[0]);
        await cluster.StopAsync(Others(leader)[1]);
        await cluster.Client.ProposeAsync(leader, [11]);
        var log = await cluster.AgreedLogAsync(leader);
        Commands(log).ShouldBe(Enumerable.Range(1, 11));
    }

    [Fact]
    public async Task A_new_member_keeps_its_part_over_a_restart_and_needs_no_option_for_it()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await AddAsync(cluster, leader, "n4");
        await cluster.StopAsync("n4");
        await cluster.Client.ProposeAsync(leader, [1]);
        await cluster.StartJoiningAsync("n4");
        await cluster.StopAsync(Others(leader)[0]);
        await cluster.StopAsync(Others(leader)[1]);

        // Two of four: only the leader and n4 are left, so nothing is committed until one is back.
        await cluster.StartAsync(Others(leader)[0]);
        await cluster.Client.ProposeAsync(leader, [2]);
        Commands(await cluster.AgreedLogAsync(leader)).ShouldBe([1, 2]);
        cluster["n4"].Status.Participation.ShouldBe(Participation.TakesPart);
    }

    [Fact]
    public async Task The_leader_is_removed_hands_over_at_once_and_the_others_go_on()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, [1]);
        await ChangeAsync(cluster, leader, remove: leader);
        var next = (await cluster.Client.NextElectionAsync()).Leader.Value;
        next.ShouldNotBe(leader);
        await cluster.Client.ProposeAsync(next, [2]);
        await TestLimit.UntilAsync(() => cluster[leader].Status.Participation == Participation.NotMember);
        await cluster.StopAsync(leader);
        Commands(await cluster.AgreedLogAsync(next)).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_member_that_lost_its_disk_comes_back_by_removal_and_addition()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        for (byte i = 1; i <= 5; i++) await cluster.Client.ProposeAsync(leader, [i]);
        var lost = Others(leader)[0];
        await cluster.StopAsync(lost);
        Directory.Delete(cluster.Folder.Of(lost), recursive: true);
        await cluster.StartJoiningAsync(lost);
        await cluster.Log.WaitForAsync(2029, $"{leader} heard {lost}");

        // Under its old name it would be a voter that forgot its votes.
        var refused = (await cluster.Client.AskAsync(leader, Change(add: lost)))
            .ShouldBeOfType<ConsensusRefused>();
        refused.Message.ShouldContain("remove it first");
        await TestLimit.UntilAsync(() => cluster[lost].Status.Participation == Participation.NotMember);
        await ChangeAsync(cluster, leader, remove: lost);
        await ChangeAsync(cluster, leader, add: lost);
        await UntilVotersAsync(cluster, leader, "n1 n2 n3");
        await cluster.StopAsync(Others(leader)[1]);
        await cluster.Client.ProposeAsync(leader, [6]);
        Commands(await cluster.AgreedLogAsync(leader)).ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    /// <summary>By its own log it is a member still, and no leader tells it that it is none.</summary>
    [Fact]
    public async Task A_member_that_was_removed_while_it_was_away_comes_back_with_its_disk()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var away = Others(leader)[0];
        await cluster.StopAsync(away);
        await ChangeAsync(cluster, leader, remove: away);
        await cluster.Client.ProposeAsync(leader, [1]);

        await cluster.StartAsync(away);
        await cluster.Log.WaitForAsync(2029, $"{leader} heard {away}");
        await ChangeAsync(cluster, leader, add: away);

        await UntilVotersAsync(cluster, leader, "n1 n2 n3");
        await cluster.StopAsync(Others(leader)[1]);
        await cluster.Client.ProposeAsync(leader, [2]);
        Commands(await cluster.AgreedLogAsync(leader)).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_compacted_group_gives_its_members_to_a_new_node_by_its_snapshot()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await AddAsync(cluster, leader, "n4");
        var big = new byte[3 * 1024 * 1024];
        new Random(7).NextBytes(big);
        // More than the entries that are kept before a snapshot.
        await cluster.Client.ProposeAsync(leader, [.. Enumerable.Repeat(new byte[] { 1 }, 6000)]);
        var index = (await cluster.Client.AskAsync(leader, new ReadIndex { Group = TestClient.Group }))
            .ShouldBeOfType<ReadIndexFound>().Index;
        foreach (var node in cluster.Running)
        {
            cluster.Client.Link.Send("consensus." + node, new StoreSnapshot
            {
                Group = TestClient.Group,
                LogId = cluster[leader].Status.LogId,
                Index = index,
                Payload = big,
            });
        }
        await TestLimit.UntilAsync(() => cluster[leader].Status.Groups[0].FirstIndex > new LogIndex(1));
        await AddAsync(cluster, leader, "n5");
        var read = (await cluster.Client.AskAsync("n5", new ReadSnapshot { Group = TestClient.Group }))
            .ShouldBeOfType<SnapshotRead>().Snapshot.ShouldNotBeNull();
        (read.Index, read.Payload.AsSpan().SequenceEqual(big)).ShouldBe((index, true));
        read.Membership.ShouldNotBeNull().Members.Select(one => one.Node.Value)
            .ShouldBe(["n1", "n2", "n3", "n4"]);

        // From its file too.
        await cluster.StopAsync("n5");
        await cluster.StartJoiningAsync("n5");
        await TestLimit.UntilAsync(() => cluster["n5"].Status.Participation == Participation.TakesPart);
        // It may have stopped before it had the entry that makes it a voter.
        await TestLimit.UntilAsync(() => Voters(cluster["n5"].Status.Groups[0]) == "n1 n2 n3 n4 n5");
    }

    [Fact]
    public async Task A_member_that_lost_its_disk_comes_back_to_one_group_after_the_other_with_its_new_one()
    {
        await using var cluster = await TestCluster.CreateAsync(groups: 2);
        await cluster.StartAllAsync();
        await TestLimit.UntilAsync(() => cluster.Running.All(node => cluster[node].Status.IsReady));
        string[] groups = ["idle-1", TestClient.Group];
        var leaders = groups.ToDictionary(
            group => group, group => GroupOf(cluster, "n1", group).Leader.Value, StringComparer.Ordinal);
        var lost = TestCluster.Names.First(node => !leaders.ContainsValue(node));
        await cluster.StopAsync(lost);
        Directory.Delete(cluster.Folder.Of(lost), recursive: true);
        var disk = (await cluster.StartJoiningAsync(lost)).Status.DiskId;
        await TestLimit.UntilAsync(() => cluster[lost].Status.Participation == Participation.NotMember);
        foreach (var leader in leaders.Values) await cluster.Log.WaitForAsync(2029, $"{leader} heard {lost}");

        // The second group names the old disk until its own change.
        foreach (var group in groups)
        {
            await ChangeAsync(cluster, leaders[group], remove: lost, group: group);
            await ChangeAsync(cluster, leaders[group], add: lost, group: group);
            await TestLimit.UntilAsync(() => GroupOf(cluster, leaders[group], group) is var now
                && Voters(now) == "n1 n2 n3"
                && now.Membership.Members.Single(one => one.Node.Value == lost).DiskId == disk);
        }
    }

    [Fact]
    public async Task A_new_node_that_is_in_one_group_only_says_which_has_no_voters_on_its_disk()
    {
        await using var cluster = await TestCluster.CreateAsync(groups: 2);
        await cluster.StartAllAsync();
        await TestLimit.UntilAsync(() => cluster.Running.All(node => cluster[node].Status.IsReady));
        await AddAsync(cluster, GroupOf(cluster, "n1", TestClient.Group).Leader.Value, "n4");

        await TestLimit.UntilAsync(() => cluster.HealthOf("n4").Detail.StartsWith(
            "no leader is known of idle-1; idle-1 has no voters on this disk", StringComparison.Ordinal));
        cluster.HealthOf("n4").IsReady.ShouldBeFalse();
    }

    [Fact]
    public async Task Nobody_is_added_who_does_not_run()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var refused = (await cluster.Client.AskAsync(leader, Change(add: "n9")))
            .ShouldBeOfType<ConsensusRefused>();
        (refused.Reason, refused.Message)
            .ShouldBe((ConsensusRefusal.Invalid,
                "n9 has not announced its disk: start it with Consensus:Join=true."));
    }

    [Fact]
    public async Task After_a_change_the_configured_members_may_be_others_and_before_it_not()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var node = Others(leader)[0];
        var other = new DiskIdentity
        {
            ClusterId = "test",
            Node = new(node),
            Members = [new("n1"), new("n2"), new("n3"), new("n4")],
            Groups = [TestClient.Group],
        };
        await cluster.StopAsync(node);
        Should.Throw<StartRefusedException>(() => ConsensusStore.Open(
            cluster.Folder.Of(node), other, bootstrap: false, TimeProvider.System))
            .Message.ShouldContain("publish ChangeMembers");
        await cluster.StartAsync(node);
        await AddAsync(cluster, leader, "n4");
        await TestLimit.UntilAsync(() => cluster[node].Status.Groups[0].Members.Count == 4);
        await cluster.StopAsync(node);
        using var store = ConsensusStore.Open(
            cluster.Folder.Of(node), other, bootstrap: false, TimeProvider.System);
        store.HasJoined.ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_whose_configuration_names_a_later_member_too_takes_part_after_a_restart()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var (node, other) = (Others(leader)[0], Others(leader)[1]);
        await AddAsync(cluster, leader, "n4");
        await TestLimit.UntilAsync(() => Voters(cluster[node].Status.Groups[0]) == "n1 n2 n3 n4");
        await cluster.StopAsync(node);
        await cluster.StartAsync(cluster.OptionsOf(node) with { Members = ["n1", "n2", "n3", "n4"] });
        await TestLimit.UntilAsync(() => cluster[node].Status.Participation == Participation.TakesPart);

        // Three of four are needed.
        await cluster.StopAsync(other);
        await cluster.Client.ProposeAsync(leader, [1]);
        Commands(await cluster.AgreedLogAsync(leader)).ShouldBe([1]);
    }

    private static async Task AddAsync(TestCluster cluster, string leader, string node)
    {
        await cluster.StartJoiningAsync(node);
        await cluster.Log.WaitForAsync(2029, $"{leader} heard {node}");
        await ChangeAsync(cluster, leader, add: node);
        await TestLimit.UntilAsync(() => Voters(cluster[leader].Status.Groups[0]).Split(' ').Contains(node));
        await TestLimit.UntilAsync(() => cluster[node].Status.Participation == Participation.TakesPart);
    }

    // Another change may be under way: a learner's promotion comes by itself.
    private static async Task<MembersChanged> ChangeAsync(
        TestCluster cluster, string leader, string add = "", string remove = "",
        string group = TestClient.Group)
    {
        while (true)
        {
            TestLimit.Token().ThrowIfCancellationRequested();
            var answer = await cluster.Client.AskAsync(leader, Change(add, remove, group));
            if (answer is MembersChanged changed) return changed;
            answer.ShouldBeOfType<ConsensusRefused>().Reason.ShouldBe(ConsensusRefusal.MembersChanging);
        }
    }

    private static ChangeMembers Change(
        string add = "", string remove = "", string group = TestClient.Group) => new()
        {
            Group = group,
            Add = add.Length == 0 ? [] : [new NodeId(add)],
            Remove = remove.Length == 0 ? [] : [new NodeId(remove)],
        };

    /// <summary>
    /// The status may be older than an answered change, so a member counts by its disk: a wiped node has a
    /// new one.
    /// </summary>
    private static Task UntilVotersAsync(TestCluster cluster, string leader, string voters) =>
        TestLimit.UntilAsync(() =>
        {
            var group = cluster[leader].Status.Groups[0];
            return Voters(group) == voters && group.Membership.OutgoingVoters.Count == 0
                && group.Membership.Members.All(one => one.DiskId == cluster[one.Node.Value].Status.DiskId);
        });

    private static GroupDescription GroupOf(TestCluster cluster, string node, string group) =>
        cluster[node].Status.Groups.Single(one => one.Group == group);

    private static string Voters(GroupDescription group) => string.Join(' ', group.Membership.Members
        .Where(member => member.Role == MemberRole.Voter).Select(member => member.Node));

    private static List<string> Others(string leader) => [.. TestCluster.Names.Where(name => name != leader)];

    private static IEnumerable<int> Commands(IReadOnlyList<LogEntry> log) =>
        log.Where(entry => entry.Kind == EntryKind.Command).Select(entry => (int)entry.Payload[0]);
}

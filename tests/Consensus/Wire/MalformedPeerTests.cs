using Muster.Bus;
using Muster.Consensus.Tests.Cluster;
using Muster.Consensus.Transport;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Wire;

/// <summary>What is damaged or forged under a member's name is dropped, and stops nobody.</summary>
public sealed class MalformedPeerTests
{
    private const long Greatest = PeerCheck.Greatest;

    private static readonly LogEntry Fourth = new() { Index = new(4), Term = new(2), LogTime = 7 };

    private static readonly AppendEntries Request = new()
    {
        Term = new(3),
        PreviousIndex = new(3),
        PreviousTerm = new(2),
        CommitIndex = new(4),
        Entries = [Fourth, Fourth with { Index = new(5), Term = new(3), Kind = EntryKind.Command }],
    };

    private static readonly InstallSnapshot Part = new()
    {
        Term = new(3),
        Snapshot = new() { Index = new(4), Term = new(3), Membership = Members("n1") },
    };

    public static TheoryData<PeerMessage> Possible =>
    [
        Request,
        Request with { Term = new(Greatest), LogTime = Greatest },
        Request with { PreviousIndex = LogIndex.Zero, PreviousTerm = Term.Zero, Entries = [] },
        With(Fourth with { Kind = EntryKind.Membership, Payload = BusJson.Write(Members("n1", "n2")) }),
        new AppendEntriesReply { MatchIndex = new(Greatest) },
        new PreVote { NextTerm = new(Greatest) },
        Part,
        Part with { Snapshot = Part.Snapshot with { Membership = null } },
        new AnnounceDisk(),
        new TimeoutNow { Term = new(1) },
    ];

    public static TheoryData<PeerMessage> Impossible =>
    [
        new TimeoutNow { Term = new(Greatest + 1) },
        new TimeoutNow { Term = new(-1) },
        new RequestVote { Term = new(long.MaxValue) },
        new RequestVote { LastLogIndex = new(-1) },
        new RequestVote { LastLogTerm = new(Greatest + 1) },
        new RequestVoteReply { RequestId = -1 },
        new PreVote { NextTerm = new(long.MaxValue) },
        new PreVoteReply { NextTerm = new(long.MinValue) },
        new AppendEntriesReply { MatchIndex = new(-1) },
        new AppendEntriesReply { ConflictIndex = new(-1) },
        new AppendEntriesReply { ConflictTerm = new(Greatest + 1) },
        new InstallSnapshotReply { ReceivedBytes = -1 },
        new InstallSnapshotReply { MatchIndex = new(Greatest + 1) },
        Part with { Offset = -1 },
        Part with { LogTime = long.MaxValue },
        Part with { Snapshot = new() },
        Part with { Snapshot = Part.Snapshot with { Term = new(4) } },
        Part with { Snapshot = Part.Snapshot with { Membership = new() { Members = [null!] } } },
        Part with { Snapshot = Part.Snapshot with { Membership = new() } },
        Request with { LogTime = long.MaxValue },
        Request with { CommitIndex = new(-1) },
        Request with { PreviousTerm = new(4), Entries = [] },
        Request with { PreviousIndex = new(2) },
        With(null!),
        With(Fourth with { Index = new(5) }),
        With(Fourth with { Term = new(1) }),
        With(Fourth with { Term = new(4) }),
        With(Fourth with { LogTime = long.MaxValue }),
        With(Fourth with { Kind = (EntryKind)77 }),
        With(Fourth with { Kind = EntryKind.Membership, Payload = "{}"u8.ToArray() }),
        With(Fourth with { Kind = EntryKind.Membership, Payload = [1] }),
    ];

    [Theory]
    [MemberData(nameof(Possible))]
    public void What_a_node_may_say_is_let_through(PeerMessage message) =>
        PeerCheck.Problem(message).ShouldBeNull();

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_no_node_says_is_found(PeerMessage message) =>
        PeerCheck.Problem(message).ShouldNotBeNull().ShouldContain(message.GetType().Name);

    [Fact]
    public async Task A_follower_drops_what_no_leader_says_and_the_cluster_goes_on()
    {
        var (cluster, leader, follower) = await AgreedAsync();
        await using var all = cluster;
        var before = cluster[follower].Status;
        var last = before.Groups[0];
        var next = new AppendEntries { Group = TestClient.Group, Term = last.Term, RequestId = 1 };

        SendPeer(cluster, leader, follower, new RequestVote { Term = new(long.MaxValue) });
        SendPeer(cluster, leader, follower, new PreVote { Term = new(1), NextTerm = new(long.MaxValue) });
        SendBatch(cluster, leader, follower, next with { LogTime = long.MaxValue });
        SendBatch(cluster, leader, follower, next with { Entries = [Fourth with { Index = new(9) }] });
        SendBatch(cluster, leader, follower, next with { Entries = [null!] });
        SendBatch(cluster, leader, follower, null!);

        await TestLimit.UntilAsync(() =>
            cluster[follower].Status.MessagesDropped >= before.MessagesDropped + 6);
        await cluster.Client.ProposeAsync(leader, [2]);
        (await cluster.AgreedLogAsync(leader))[^1].Payload.ShouldBe([2]);
        cluster[follower].Status.Groups[0].Term.ShouldBe(last.Term);
        cluster[follower].Status.Groups[0].LogTime.ShouldBeLessThan(Greatest);
    }

    /// <summary>From the greatest term there is no next one: nobody would ever be elected again.</summary>
    [Fact]
    public async Task A_term_or_time_far_ahead_is_taken_by_nobody_and_the_next_leader_is_elected()
    {
        var (cluster, leader, follower) = await AgreedAsync();
        await using var all = cluster;
        var before = cluster[follower].Status;
        var term = before.Groups[0].Term;
        var beat = new AppendEntries { Group = TestClient.Group, Term = term, RequestId = 1 };

        SendPeer(cluster, leader, follower, new RequestVote { Term = new(Greatest) });
        SendPeer(cluster, leader, follower, new PreVote { Term = term, NextTerm = new(Greatest) });
        SendPeer(cluster, leader, follower, new TimeoutNow { Term = new(Greatest) });
        SendBatch(cluster, leader, follower, beat with { LogTime = Greatest });
        SendBatch(cluster, follower, leader, new AppendEntriesReply
        {
            Group = TestClient.Group,
            Term = new(Greatest),
        });

        await TestLimit.UntilAsync(() =>
            cluster[follower].Status.MessagesDropped >= before.MessagesDropped + 4);
        await cluster.Client.ProposeAsync(leader, [2]);
        await cluster.AgreedLogAsync(leader);
        cluster[follower].Status.Groups[0].LogTime.ShouldBeLessThan(Greatest / 2);
        await cluster.StopAsync(leader);
        var next = await cluster.Client.NextElectionAsync();
        await cluster.Client.ProposeAsync(next.Leader.Value, [3]);
        next.Term.ShouldBeLessThan(new Term(1_000));
    }

    [Fact]
    public async Task A_leader_drops_answers_about_entries_that_it_does_not_have()
    {
        const int Answers = 20;
        var (cluster, leader, follower) = await AgreedAsync();
        await using var all = cluster;
        var before = cluster[leader].Status;
        var answer = new AppendEntriesReply { Group = TestClient.Group, Term = before.Groups[0].Term };

        // One of them is a request's of this leadership.
        for (var id = 1; id <= Answers; id++)
        {
            var mine = answer with { RequestId = id };
            SendBatch(cluster, follower, leader, mine with { Success = true, MatchIndex = new(1_000) });
            SendBatch(cluster, follower, leader, mine with { MatchIndex = new(2), ConflictIndex = new(999) });
            SendPeer(cluster, follower, leader, new InstallSnapshotReply
            {
                Group = TestClient.Group,
                Term = answer.Term,
                RequestId = id,
                MatchIndex = new(1_000),
            });
        }

        await TestLimit.UntilAsync(() =>
            cluster[leader].Status.MessagesDropped >= before.MessagesDropped + (3 * Answers));
        await cluster.Client.ProposeAsync(leader, [2]);
        (await cluster.AgreedLogAsync(leader))[^1].Payload.ShouldBe([2]);
        cluster[leader].Status.Groups[0].Term.ShouldBe(answer.Term);
    }

    private static AppendEntries With(LogEntry entry) => Request with { Entries = [entry] };

    private static GroupMembership Members(params string[] names) =>
        new() { Members = [.. names.Select(name => new GroupMember { Node = new(name) })] };

    /// <summary>All nodes have the same log, with a command in it.</summary>
    private static async Task<(TestCluster Cluster, string Leader, string Follower)> AgreedAsync()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await cluster.Client.ProposeAsync(leader, [1]);
        await cluster.AgreedLogAsync(leader);
        return (cluster, leader, cluster.Running.First(node => node != leader));
    }

    private static void SendPeer<T>(TestCluster cluster, string from, string to, T message)
        where T : PeerMessage
    {
        var status = cluster[from].Status;
        cluster.Client.Link.Send(BusNames.ConsensusAddress(to), message with
        {
            ClusterId = status.ClusterId,
            Group = TestClient.Group,
            From = new(from),
            To = new(to),
            DiskId = status.DiskId,
            LogId = status.LogId,
            StartId = status.StartId,
            Protocol = PeerProtocol.Spoken,
        }).ShouldBeTrue();
    }

    /// <summary>As JSON, which nodes read too.</summary>
    private static void SendBatch(TestCluster cluster, string from, string to, PeerMessage? message)
    {
        var status = cluster[from].Status;
        var batch = new AppendBatch
        {
            ClusterId = status.ClusterId,
            From = new(from),
            To = new(to),
            DiskId = status.DiskId,
            LogId = status.LogId,
            StartId = status.StartId,
            Protocol = PeerProtocol.Spoken,
            Answers = message is AppendEntriesReply answer ? [answer] : [],
            Requests = message is AppendEntriesReply ? [] : [(message as AppendEntries)!],
        };
        cluster.Client.Link.Send(BusNames.ConsensusAddress(to), batch).ShouldBeTrue();
    }
}

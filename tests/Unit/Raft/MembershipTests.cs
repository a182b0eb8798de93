using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>
/// Section 6 and the dissertation's chapter 4: joint consensus, learners, removal of the leader.
/// </summary>
public sealed class MembershipTests
{
    [Fact]
    public void A_new_node_is_a_learner_from_its_entry_on_and_counts_for_nothing()
    {
        var node = Leading();
        var output = node.Step(Say.Change("+d", stayLearners: true));
        node.Core.Membership.Text().ShouldBe("a b c (d)");
        output.To<AppendEntries>("d").PreviousIndex.ShouldBe(Say.At(2));
        output.Answers<MembersChanged>().ShouldBeEmpty();
        node.Receive(node.Matches("d", 2)).Answers<MembersChanged>().ShouldBeEmpty();
        var open = node.Core.Describe(node.Now);
        (open.MembershipIndex, open.CommitIndex).ShouldBe((Say.At(2), Say.At(1)));
        var answer = node.Receive(node.Matches("b", 2)).Answers<MembersChanged>().Single();
        (answer.Membership.Text(), answer.Index, answer.RequestId).ShouldBe(("a b c (d)", Say.At(2), "m"));
    }

    [Fact]
    public void The_first_change_names_the_disks_of_all()
    {
        var node = Leading();
        node.Step(Say.Change("+d"));
        node.Core.Membership.Members.Select(one => one.DiskId)
            .ShouldBe(["disk-a", "disk-b", "disk-c", "disk-d"]);
    }

    [Fact]
    public void A_learner_that_keeps_up_becomes_a_voter_by_a_joint_membership_and_its_end()
    {
        var node = WithLearner();
        node.After(100, From(node.Matches("b", 2)), From(node.Matches("d", 2)));
        node.After(100, From(node.Matches("b", 2)), From(node.Matches("d", 2)));
        node.Core.Membership.Text().ShouldBe("a b c d | a b c");
        node.Core.LastIndex.ShouldBe(Say.At(3));

        // Both majorities: two of the three before, and three of the four after.
        node.Receive(node.Matches("b", 3));
        node.Core.CommitIndex.ShouldBe(Say.At(2));
        var changed = node.Receive(node.Matches("d", 3));
        node.Core.CommitIndex.ShouldBe(Say.At(3));
        (node.Core.Membership.Text(), node.Core.LastIndex).ShouldBe(("a b c d", Say.At(4)));
        changed.MembersChanged.ShouldBeEmpty();
        node.ReportWritten();
        node.Receive(node.Matches("b", 4), node.Matches("d", 4)).MembersChanged.Single()
            .Membership.Text().ShouldBe("a b c d");
    }

    [Fact]
    public void A_learner_that_needs_longer_than_an_election_for_what_there_was_is_not_promoted()
    {
        var node = WithLearner();
        for (var i = 0; i < 30; i++)
        {
            node.After(100, Say.Propose($"{i}"), From(node.Matches("b", node.Core.LastIndex.Value)));
            if (i % 8 == 7) node.Receive(node.Matches("d", node.Core.LastIndex.Value));
        }

        node.Core.Membership.Text().ShouldBe("a b c (d)");
        var refused = node.Step(Say.Change("^d")).Answers<ConsensusRefused>().Single();
        refused.Reason.ShouldBe(ConsensusRefusal.NotCaughtUp);
    }

    [Fact]
    public void One_that_is_to_stay_a_learner_is_promoted_when_asked_and_not_before()
    {
        var node = WithLearner(stays: true);
        for (var i = 0; i < 5; i++) node.After(100, From(node.Matches("b", 2)), From(node.Matches("d", 2)));
        node.Core.Membership.Text().ShouldBe("a b c (d)");
        node.Step(Say.Change("^d"));
        node.Core.Membership.Text().ShouldBe("a b c d | a b c");
    }

    [Fact]
    public void No_change_before_an_entry_of_the_own_term_is_committed()
    {
        var node = DrivenCore.With("1", term: 1);
        node.Lead("b");
        var refused = node.Step(Say.Change("+d")).Answers<ConsensusRefused>().Single();
        refused.Reason.ShouldBe(ConsensusRefusal.MembersChanging);
        node.Core.Membership.Text().ShouldBe("a b c");
    }

    [Fact]
    public void One_change_at_a_time()
    {
        var node = Leading();
        node.Step(Say.Change("+d", "first"));
        var refused = node.Step(Say.Change("+e", "second")).Answers<ConsensusRefused>().Single();
        (refused.Reason, refused.RequestId).ShouldBe((ConsensusRefusal.MembersChanging, "second"));
        node.Receive(node.Matches("b", 2));
        node.Step(Say.Change("+e", "third")).Answers<ConsensusRefused>().ShouldBeEmpty();
        node.Core.Membership.Text().ShouldBe("a b c (d) (e)");
    }

    [Fact]
    public void Several_come_and_go_at_once()
    {
        var node = Leading(heard: "b c");
        node.Step(Say.Change("+d +e"));
        node.Receive(node.Matches("b", 2));
        for (var i = 0; i < 3; i++)
        {
            node.After(100, [.. "bcde".Select(name => From(node.Matches($"{name}", 2)))]);
        }

        node.Core.Membership.Text().ShouldBe("a b c d e | a b c");
        Settle(node, "b d e");
        node.Step(Say.Change("-b -c"));
        node.Core.Membership.Text().ShouldBe("a d e | a b c d e");
        node.Receive(node.Matches("d", 5), node.Matches("e", 5));
        (node.Core.CommitIndex, node.Core.Membership.Text()).ShouldBe((Say.At(5), "a d e"));
    }

    [Fact]
    public void What_is_so_already_is_answered_at_once()
    {
        var node = WithLearner();
        var answer = node.Step(Say.Change("+d -x", "again")).Answers<MembersChanged>().Single();
        (answer.RequestId, answer.Index, answer.Membership.Text())
            .ShouldBe(("again", Say.At(2), "a b c (d)"));
        node.Core.LastIndex.ShouldBe(Say.At(2));
    }

    [Fact]
    public void A_change_that_would_leave_no_live_majority_is_refused()
    {
        // Of a, b and c, c is dead: without b, a could commit nothing.
        var node = Leading();
        for (var i = 0; i < 6; i++) node.After(100, From(node.Matches("b", 1)));
        var refused = node.Step(Say.Change("-b")).Answers<ConsensusRefused>().Single();
        refused.Reason.ShouldBe(ConsensusRefusal.QuorumAtRisk);
        node.Step(Say.Change("-c")).Answers<ConsensusRefused>().ShouldBeEmpty();
        node.Core.Membership.Text().ShouldBe("a b | a b c");
    }

    [Fact]
    public void A_voter_that_abstains_counts_as_silent()
    {
        var node = Leading();
        for (var i = 0; i < 6; i++)
        {
            node.After(100, From(node.Matches("b", 1)), From(node.Matches("c", 1) with { Abstains = true }));
        }

        node.Step(Say.Change("-b")).Answers<ConsensusRefused>().Single()
            .Reason.ShouldBe(ConsensusRefusal.QuorumAtRisk);
    }

    [Fact]
    public void A_leader_that_is_removed_counts_itself_no_more_and_hands_over_when_the_change_is_committed()
    {
        var node = Leading(heard: "b c");
        node.Step(Say.Change("-a"));
        node.Core.Membership.Text().ShouldBe("b c | a b c");
        node.Receive(node.Matches("b", 2));
        node.Core.CommitIndex.ShouldBe(Say.At(1), "a and b are no majority of b and c");
        node.Receive(node.Matches("c", 2));
        (node.Core.Membership.Text(), node.Core.CommitIndex).ShouldBe(("b c", Say.At(2)));
        node.Receive(node.Matches("b", 3));
        node.Core.CommitIndex.ShouldBe(Say.At(2));
        var last = node.Receive(node.Matches("c", 3));
        last.Answers<MembersChanged>().Single().Membership.Text().ShouldBe("b c");
        last.Only<TimeoutNow>().To.Value.ShouldBeOneOf("b", "c");
        node.Core.IsHandingOver.ShouldBeTrue();

        // Nobody takes it: it steps down all the same, and never stands again.
        node.After(1001);
        node.Core.Role.ShouldBe(RaftRole.Follower);
        node.Expire().Sent<PreVote>().ShouldBeEmpty();
        node.Core.Role.ShouldBe(RaftRole.Follower);
    }

    [Fact]
    public void Whoever_is_removed_is_sent_the_entry_that_says_so()
    {
        var node = Leading(heard: "b c");
        node.Step(Say.Change("-c"));
        node.Receive(node.Matches("b", 2), node.Matches("c", 2));
        node.Core.Membership.Text().ShouldBe("a b");
        node.Receive(node.Matches("b", 3)).MembersChanged.ShouldHaveSingleItem();
        node.After(100).Sent<AppendEntries>().ShouldContain(request => request.To == Say.Node("c"));
        node.Receive(node.Matches("c", 3));

        // It has the entry, and is told that it is committed: until it knows, it would stand.
        var told = node.After(100).To<AppendEntries>("c");
        told.CommitIndex.ShouldBe(Say.At(3));
        node.After(100).Sent<AppendEntries>().ShouldContain(request => request.To == Say.Node("c"));
        node.Receive(node.Matches("c", 3));
        node.After(100).Sent<AppendEntries>().ShouldAllBe(request => request.To == Say.Node("b"));
    }

    [Fact]
    public void A_silent_node_that_is_removed_is_given_up_after_an_election_timeout()
    {
        var node = Leading();
        node.Step(Say.Change("-c"));
        node.Receive(node.Matches("b", 2));
        node.Receive(node.Matches("b", 3));
        var toC = 0;
        for (var i = 0; i < 20; i++)
        {
            var output = node.After(100, From(node.Matches("b", 3)));
            toC = output.Sent<AppendEntries>().Any(request => request.To == Say.Node("c")) ? i + 1 : toC;
        }

        toC.ShouldBeInRange(9, 11);
    }

    [Fact]
    public void Whoever_a_change_removes_may_have_to_commit_it()
    {
        // It alone has the end of the change: b, which needs a's vote in the joint membership, cannot win
        // with its shorter log, so a stands, and b's vote alone elects it.
        var node = Leading(heard: "b c");
        node.Step(Say.Change("-a -c"));
        node.Receive(node.Matches("b", 2));
        node.Core.Membership.Text().ShouldBe("b");
        node.Restart();
        var asked = node.Stand().Sent<PreVote>();
        asked.Select(one => one.To.Value).ShouldBe(["b"]);
        var votes = node.Receive([.. asked.Select(Say.Grants)]).Sent<RequestVote>();
        node.Receive([.. votes.Select(Say.Grants)]);
        node.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void A_joint_candidate_needs_both_majorities()
    {
        var node = Joint("a b d e | a b c");
        var asked = node.Stand().Sent<PreVote>();
        asked.Select(one => one.To.Value).ShouldBe(["b", "c", "d", "e"]);
        node.Receive([.. asked.Where(one => one.To.Value is "d" or "e").Select(Say.Grants)])
            .Sent<RequestVote>().ShouldBeEmpty("d, e and a are no majority of a, b and c");
        node.Receive([.. asked.Where(one => one.To.Value == "c").Select(Say.Grants)])
            .Sent<RequestVote>().ShouldNotBeEmpty();
    }

    [Fact]
    public void A_new_leader_ends_the_change_that_it_found()
    {
        var node = Joint("a b | a b c");
        var output = node.Lead("b");
        node.Receive(Say.Accepts(output.To<AppendEntries>("b")));
        node.Core.Membership.Text().ShouldBe("a b");
        node.ReportWritten();
        var end = node.Core.LastIndex.Value;
        node.Receive(node.Matches("b", end)).MembersChanged.Single().Index.ShouldBe(Say.At(end));
    }

    [Fact]
    public void A_truncated_change_gives_way_to_the_membership_before_it()
    {
        var node = Joint("a b | a b c");
        node.Receive(Say.Append("c", 9, 1, 1, "9"));
        node.Core.Membership.Text().ShouldBe("a b c");
        node.Restart();
        node.Core.Membership.Text().ShouldBe("a b c");
    }

    [Fact]
    public void Snapshots_carry_the_membership_of_their_index()
    {
        var node = WithLearner(stays: true);
        node.Step(Say.Propose("x"));
        node.Receive(node.Matches("b", 3));
        node.Step(Say.Offer(1, 1)).Snapshot.ShouldNotBeNull().Membership.ShouldBeNull("the bootstrap's");
        node.Step(Say.Offer(3, 3)).Snapshot.ShouldNotBeNull().Membership.ShouldNotBeNull()
            .Text().ShouldBe("a b c (d)");
        node.Restart();
        node.Core.Membership.Text().ShouldBe("a b c (d)");
    }

    [Fact]
    public void A_node_that_joins_takes_what_it_is_sent_and_never_stands()
    {
        var joiner = new DrivenCore(members: "");
        joiner.Stand().Sent<PreVote>().ShouldBeEmpty();
        joiner.Receive(Say.Append("b", 3, 0, 0, "1 2", commit: 2)).Only<AppendEntriesReply>()
            .Success.ShouldBeTrue();
        joiner.Stand().Sent<PreVote>().ShouldBeEmpty();
        (joiner.Core.CommitIndex, joiner.Core.Membership.Text()).ShouldBe((Say.At(2), ""));
    }

    [Fact]
    public void A_voter_that_does_not_know_yet_that_it_is_one_votes_when_asked()
    {
        // Otherwise a group whose only complete logs are such voters' would have no leader (etcd 10998).
        var learner = new DrivenCore(members: "");
        learner.Receive(Say.AskPreVote("b", 4, 5, 3)).Only<PreVoteReply>().Granted.ShouldBeTrue();
        learner.Receive(Say.AskVote("b", 4, 5, 3)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
        learner.Receive(Say.AskVote("c", 4, 5, 3)).Only<RequestVoteReply>().Granted.ShouldBeFalse();
    }

    [Fact]
    public void A_node_whose_name_the_log_gives_to_another_disk_never_stands()
    {
        var node = Joint("a b | a b c", disk: "disk-other", bootstrap: "");
        node.Stand().Sent<PreVote>().ShouldBeEmpty();
        node.Receive(new TimeoutNow { From = new("b"), To = new("a"), Term = node.Core.Term })
            .Sent<RequestVote>().ShouldBeEmpty();
    }

    internal static DrivenCore Leading(string members = "a b c", string heard = "b")
    {
        var node = DrivenCore.With("", term: 1, members);
        var voters = heard.Split(' ');
        var output = node.Lead(voters);
        node.Receive([.. voters.Select(voter => Say.Accepts(output.To<AppendEntries>(voter)))]);
        node.Core.CommitIndex.ShouldBe(Say.At(1));
        return node;
    }

    internal static DrivenCore WithLearner(bool stays = false)
    {
        var node = Leading();
        node.Step(Say.Change("+d", stayLearners: stays));
        node.Receive(node.Matches("b", 2), node.Matches("d", 2));
        node.Core.CommitIndex.ShouldBe(Say.At(2));
        return node;
    }

    // A node that has stored this membership as entry 2, of term 1, and not heard that it is committed.
    private static DrivenCore Joint(string text, string disk = "disk-a", string bootstrap = "a b c")
    {
        var sides = text.Split(" | ").Select(side => side.Split(' ')).ToList();
        GroupMember Voter(string name) => new() { Node = new(name), DiskId = $"disk-{name}" };
        var membership = new GroupMembership
        {
            Members = [.. sides[0].Select(Voter)],
            OutgoingVoters = [.. sides[1].Select(Voter)],
        };
        var entry = Say.Entry(2, 1) with
        {
            Kind = EntryKind.Membership,
            Payload = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                membership, ContractJson.Default.GroupMembership),
        };
        var node = new DrivenCore(bootstrap, disk: new FakeDisk
        {
            Id = disk,
            HardState = new(Say.InTerm(1), NodeId.None),
            Entries = [Say.Entry(1, 1), entry],
        });
        node.Core.Membership.Text().ShouldBe(text);
        return node;
    }

    // Ends a change: everybody named acknowledges all there is until nothing is left to commit.
    private static void Settle(DrivenCore node, string heard)
    {
        while (node.Core.CommitIndex < node.Core.LastIndex)
        {
            node.Receive([.. heard.Split(' ').Select(name => node.Matches(name, node.Core.LastIndex.Value))]);
        }
    }

    private static PeerReceived From(PeerMessage message) => new(message);
}

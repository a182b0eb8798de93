using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class TermTests
{
    private interface INode
    {
        /// <summary>The terms of its entries, from index 1 on.</summary>
        string Log { get; }

        bool Grants(string candidate, long term, long lastIndex, long lastTerm);

        /// <summary>An entry of the sender's term after the given one.</summary>
        bool Takes(string leader, long term, long previousIndex, long previousTerm);

        void Restart();
    }

    /// <summary>The tutorial's fault: the vote is kept in memory alone.</summary>
    [Fact]
    public void A_restarted_node_does_not_vote_twice_in_a_term()
    {
        VotesOnceInATerm(new RealNode("1", term: 1)).ShouldBeTrue();

        VotesOnceInATerm(new TutorialNode("1")).ShouldBeFalse();
    }

    /// <summary>The tutorial's fault: votes are given without a look at the candidate's log.</summary>
    [Fact]
    public void A_candidate_with_a_stale_log_gets_no_vote()
    {
        RefusesStaleLogs(new RealNode("1 2 2", term: 2)).ShouldBeTrue();

        RefusesStaleLogs(new TutorialNode("1 2 2")).ShouldBeFalse();
    }

    /// <summary>The tutorial's fault: entries carry no term, so anybody's are appended at the end.</summary>
    [Fact]
    public void An_entry_of_a_deposed_leader_is_refused_and_changes_nothing()
    {
        RefusesDeposedLeaders(new RealNode("1 1 3", term: 3)).ShouldBeTrue();

        RefusesDeposedLeaders(new TutorialNode("1 1 3")).ShouldBeFalse();
    }

    private static bool VotesOnceInATerm(INode node)
    {
        var first = node.Grants("b", term: 2, lastIndex: 1, lastTerm: 1);
        node.Restart();
        return first && !node.Grants("c", term: 2, lastIndex: 1, lastTerm: 1);
    }

    private static bool RefusesStaleLogs(INode node) =>
        !node.Grants("b", term: 3, lastIndex: 9, lastTerm: 1)
        && !node.Grants("c", term: 4, lastIndex: 2, lastTerm: 2)
        && node.Grants("c", term: 5, lastIndex: 3, lastTerm: 2);

    private static bool RefusesDeposedLeaders(INode node)
    {
        var before = node.Log;
        return !node.Takes("b", term: 2, previousIndex: 2, previousTerm: 1) && node.Log == before
            && node.Takes("c", term: 3, previousIndex: 3, previousTerm: 3) && node.Log == before + " 3";
    }

    private sealed class RealNode(string log, long term) : INode
    {
        private readonly DrivenCore _node = DrivenCore.With(log, term);

        public string Log => _node.Log;

        public bool Grants(string candidate, long term, long lastIndex, long lastTerm) =>
            _node.Receive(Say.AskVote(candidate, term, lastIndex, lastTerm)).Only<RequestVoteReply>().Granted;

        public bool Takes(string leader, long term, long previousIndex, long previousTerm) => _node
            .Receive(Say.Append(leader, term, previousIndex, previousTerm, $"{term}"))
            .Only<AppendEntriesReply>().Success;

        public void Restart() => _node.Restart();
    }

    private sealed class TutorialNode(string log) : INode
    {
        private string? _votedFor;
        private long _term;

        public string Log { get; private set; } = log;

        public bool Grants(string candidate, long term, long lastIndex, long lastTerm)
        {
            if (term > _term)
            {
                (_term, _votedFor) = (term, null);
            }
            _votedFor ??= candidate;
            return _votedFor == candidate;
        }

        public bool Takes(string leader, long term, long previousIndex, long previousTerm)
        {
            Log += $" {term}";
            return true;
        }

        public void Restart() => (_term, _votedFor) = (0, null);
    }
}

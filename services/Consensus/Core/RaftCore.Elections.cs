using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// Elections (section 5.2 and 5.4.1), pre-votes (dissertation, section 9.6) and broker hints.
/// </summary>
public sealed partial class RaftCore
{
    // A node whose silence ended a moment before the others' asks them again; hinted, it waits for them to
    // see the hint.
    private long RetryInterval => Role == RaftRole.PreCandidate && hint.LiftsRefusal(now)
        ? options.HintRetryMilliseconds
        : options.HeartbeatMilliseconds;

    // Whoever a change removes is needed until that change is committed: it may be the only one that has it,
    // and then nobody with a shorter log can win (dissertation, section 4.2.2).
    private bool MayStand => !handover.IsLeaving && !repair.IsUnderWay
        && log.PossibleMembers.Any(identity.IsVoterOf);

    private void Stand(ElectionCause cause)
    {
        if (!MayStand)
        {
            timer.Reset(now);
            return;
        }

        BecomePreCandidate(cause);
        AskAgain();
    }

    private void AskAgain()
    {
        foreach (var peer in campaign!.Missing)
            output.Send(Role == RaftRole.Candidate ? VoteRequest(peer) : PreVoteRequest(peer));
        campaign.Asked(now + RetryInterval);
        CountVotes();
    }

    // A node alone in its group wins both rounds without asking anybody.
    private void CountVotes()
    {
        if (!campaign!.IsWon) return;
        if (Role == RaftRole.Candidate)
        {
            BecomeLeader();
            return;
        }

        BecomeCandidate();
        AskAgain();
    }

    private PreVote PreVoteRequest(NodeId peer) => new()
    {
        Group = identity.Group,
        From = identity.Self,
        To = peer,
        Term = Term,
        RequestId = requestIds.Take(),
        NextTerm = Term.Next(),
        LastLogIndex = log.LastIndex,
        LastLogTerm = log.LastTerm,
    };

    private RequestVote VoteRequest(NodeId peer) => new()
    {
        Group = identity.Group,
        From = identity.Self,
        To = peer,
        Term = Term,
        RequestId = requestIds.Take(),
        LastLogIndex = log.LastIndex,
        LastLogTerm = log.LastTerm,
    };

    /// <summary>
    /// Changes no term and no vote. Who hears a leader, or is one, refuses: nobody may disturb a working
    /// group.
    /// </summary>
    private void OnPreVote(PreVote request)
    {
        var hearsLeader = Role == RaftRole.Leader
            || (contact.IsFresh(now, options.ElectionMinMilliseconds) && !hint.LiftsRefusal(now));
        var granted = request.NextTerm > Term
            && !hearsLeader
            && !repair.IsUnderWay
            && log.IsUpToDate(request.LastLogTerm, request.LastLogIndex);
        if (granted && Role == RaftRole.PreCandidate) YieldTo(request);
        output.Send(new PreVoteReply
        {
            Group = identity.Group,
            From = identity.Self,
            To = request.From,
            Term = Term,
            RequestId = request.RequestId,
            NextTerm = request.NextTerm,
            Granted = granted,
        });
    }

    // A longer log goes first; of equal ones, the smaller name.
    private void YieldTo(PreVote other)
    {
        var isEqual = other.LastLogTerm == log.LastTerm && other.LastLogIndex == log.LastIndex;
        if (isEqual && other.From > identity.Self) return;
        var pause = hint.LiftsRefusal(now) ? options.HintSettleMilliseconds : options.HeartbeatMilliseconds;
        campaign!.TryYield(requestIds.Upcoming, now + Math.Max(1, pause));
    }

    private void OnPreVoteReply(PreVoteReply reply)
    {
        if (Role != RaftRole.PreCandidate || reply.NextTerm != Term.Next() || !reply.Granted) return;
        campaign!.Granted(reply.From, reply.RequestId, requestIds.Last);
        CountVotes();
    }

    /// <summary>Figure 2, receiver of RequestVote. The answer leaves after the vote is on disk.</summary>
    private void OnRequestVote(RequestVote request)
    {
        var granted = request.Term == Term
            && Role is (RaftRole.Follower or RaftRole.PreCandidate)
            && ballot.CanVoteFor(request.From)
            && !repair.IsUnderWay
            && log.IsUpToDate(request.LastLogTerm, request.LastLogIndex);
        if (granted)
        {
            if (Role == RaftRole.PreCandidate) BecomeFollower(Term);
            ballot.VoteFor(request.From);
            timer.Reset(now);
        }

        output.Send(new RequestVoteReply
        {
            Group = identity.Group,
            From = identity.Self,
            To = request.From,
            Term = Term,
            RequestId = request.RequestId,
            Granted = granted,
        });
    }

    private void OnRequestVoteReply(RequestVoteReply reply)
    {
        if (Role != RaftRole.Candidate || reply.Term != Term || !reply.Granted) return;
        campaign!.Granted(reply.From, reply.RequestId, requestIds.Last);
        CountVotes();
    }

    private void OnConnectionLost(string incarnation)
    {
        if (Role == RaftRole.Follower) hint.Observe(incarnation, contact.Incarnation, now);
    }

    private void OnOwnConnection(bool isUp)
    {
        hint.OwnConnectionChanged(isUp);
        if (!isUp || leadership is not null || identity.IsAloneIn(log.Members)) return;

        // It heard nobody while it was away: that silence says nothing about the leader.
        if (Role != RaftRole.Follower) BecomeFollower(Term);
        timer.Reset(now);
    }
}

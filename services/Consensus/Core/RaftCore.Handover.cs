using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// Leadership transfer (dissertation, section 3.10): on request, and when the node is about to stop.
/// </summary>
public sealed partial class RaftCore
{
    private void OnTransfer(TransferReceived received)
    {
        var to = received.Request.To;
        if (leadership is null)
        {
            RefuseNotLeader(received.From, received.Request.RequestId);
        }
        else if (to == identity.Self)
        {
            Transferred(received);
        }
        else if (!to.IsNone && !log.Members.IsLastingVoter(to))
        {
            RefuseTransfer(received, ConsensusRefusal.Invalid,
                $"Node {to} is no voter of group {identity.Group}.");
        }
        else if (handover.IsOpen)
        {
            RefuseTransfer(received, ConsensusRefusal.Overloaded,
                $"A transfer of group {identity.Group} to {handover.Successor} is under way.");
        }
        else if (leadership.Successor(to, now) is not { } successor)
        {
            RefuseTransfer(received, ConsensusRefusal.NotTransferred,
                $"{(to.IsNone ? "No other node" : $"Node {to}")} was heard within "
                + $"{options.ElectionMinMilliseconds} ms.");
        }
        else
        {
            handover.Begin(successor, Term, now + options.ElectionMaxMilliseconds, received);
        }
    }

    // Its own candidacy ends too: whoever wins an election and stops leaves the group without a leader.
    private void OnLeave()
    {
        handover.Leave();
        if (campaign is not null) BecomeFollower(Term);
        if (!handover.IsOpen) BeginHandover();
    }

    /// <summary>To whoever can take over now, if anybody can.</summary>
    private void BeginHandover()
    {
        if (leadership?.Successor(NodeId.None, now) is not { } successor) return;
        handover.Begin(successor, Term, now + options.ElectionMaxMilliseconds, askedBy: null);
    }

    private void Hold(ProposalReceived received)
    {
        if (handover.TryHold(received, options.MaxUncommittedBytes)) return;
        RefuseWhileHandingOver(received.From, received.Proposal.ProposalId);
    }

    private void RefuseWhileHandingOver(ReplyAddress to, string requestId) =>
        output.Reply(to, identity.Refusal(requestId, ConsensusRefusal.Overloaded,
            $"Group {identity.Group} is being handed over to {handover.Successor}.", identity.Self, Term));

    /// <summary>
    /// A leader that its own change removed has done its part once that change is committed. It hands over
    /// rather than fall silent, so that the group need not wait for an election.
    /// </summary>
    private void HandOverAsRemoved()
    {
        if (handover.IsOpen) return;
        if (leadership!.Successor(NodeId.None, now) is not { } successor)
        {
            BecomeFollower(Term);
            return;
        }

        handover.Begin(successor, Term, now + options.ElectionMaxMilliseconds, askedBy: null);
        leadership.HandOver(successor, now);
    }

    /// <summary>
    /// The end of a step: the successor is told once its log is as long as this one; the hand-over is over
    /// when another leads, or when its time is up.
    /// </summary>
    private void SettleHandover()
    {
        if (!handover.IsOpen) return;
        var leadsOn = leadership is not null && Term == handover.Term;
        if (!leadsOn && leadership is null && !Leader.IsNone)
        {
            if (handover.End() is { } asked) Transferred(asked);
        }
        else if (!leadsOn && leadership is not null)
        {
            GiveUpHandover("it leads again itself");
        }
        else if (now >= handover.Deadline)
        {
            GiveUpHandover($"nobody else led within {options.ElectionMaxMilliseconds} ms");
        }
        else
        {
            leadership?.HandOver(handover.Successor, now);
        }
    }

    private void GiveUpHandover(string why)
    {
        var successor = handover.Successor;
        if (handover.End() is { } asked)
        {
            RefuseTransfer(asked, ConsensusRefusal.NotTransferred,
                $"Node {identity.Self} did not hand group {identity.Group} over to {successor}: {why}.");
        }

        foreach (var (from, proposal) in handover.Release())
        {
            // Who leaves would not be there to answer.
            var leadsOn = leadership is { IsRemoved: false } && !handover.IsLeaving;
            if (!leadsOn) RefuseNotLeader(from, proposal.ProposalId);
            else leadership!.Propose(from, proposal, now);
        }

        leadership?.EndHandover();
        if (leadership is { IsRemoved: true }) BecomeFollower(Term);
    }

    /// <summary>
    /// The leader says that this node shall stand. Only a follower that heard it in its own term does: what
    /// comes late or doubled finds a candidate, or a newer term.
    /// </summary>
    private void OnTimeoutNow(TimeoutNow request)
    {
        if (request.Term != Term || Role != RaftRole.Follower) return;
        if (!MayStand) return;
        BecomePreCandidate(ElectionCause.Handover);
        BecomeCandidate();
        AskAgain();
    }

    private void Transferred(TransferReceived asked) =>
        output.Reply(asked.From, new LeadershipTransferred
        {
            Group = identity.Group,
            RequestId = asked.Request.RequestId,
            Leader = Leader,
            Term = Term,
        });

    private void RefuseTransfer(TransferReceived asked, ConsensusRefusal reason, string message) =>
        output.Reply(
            asked.From, identity.Refusal(asked.Request.RequestId, reason, message, Leader, Term));
}

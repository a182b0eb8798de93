using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// The transitions of figure 4, with the pre-candidate between follower and candidate. Only these write the
/// role.
/// </summary>
public sealed partial class RaftCore
{
    /// <summary>
    /// From every role. A newer term starts without vote or known leader; within a term the vote stays given.
    /// </summary>
    private void BecomeFollower(Term term)
    {
        if (term < Term) throw identity.Broken(Term, LastIndex, $"fall back to term {term}");
        var led = leadership;
        if (led is not null)
        {
            clock.Stop(Term, now);
            timer.Reset(now);
        }

        if (term > Term)
        {
            ballot.Advance(term, NodeId.None);
            hint.Cancel();
            incoming.Forget();
        }

        contact.Forget();
        (leadership, campaign) = (null, null);
        Role = RaftRole.Follower;
        if (led is null) return;
        foreach (var read in led.TakeReads()) RefuseNotLeader(read.From, read.Request.RequestId);
        foreach (var held in handover.Release()) RefuseNotLeader(held.From, held.Proposal.ProposalId);
    }

    private void BecomePreCandidate(ElectionCause cause)
    {
        if (Role == RaftRole.Leader) throw Illegal(RaftRole.PreCandidate);
        // What it stands for goes on through rounds that nobody won.
        if (campaign is null) StoodFor = cause;
        contact.Forget();
        campaign = new Campaign(identity, log.Members, requestIds.Upcoming);
        timer.Reset(now);
        Role = RaftRole.PreCandidate;
    }

    private void BecomeCandidate()
    {
        if (Role != RaftRole.PreCandidate) throw Illegal(RaftRole.Candidate);
        ballot.Advance(Term.Next(), identity.Self);
        campaign = new Campaign(identity, log.Members, requestIds.Upcoming);
        timer.Reset(now);
        Role = RaftRole.Candidate;
    }

    private void BecomeLeader()
    {
        if (Role != RaftRole.Candidate) throw Illegal(RaftRole.Leader);
        campaign = null;
        hint.Cancel();
        contact.Led();
        clock.Start(now, log.LastTerm, log.LastLogTime);
        Role = RaftRole.Leader;
        leadership = new Leadership(new(options, identity, log, clock, output, requestIds), Term, now);
    }

    private InvalidOperationException Illegal(RaftRole next) =>
        identity.Broken(Term, LastIndex, $"illegal transition from {Role} to {next}");
}

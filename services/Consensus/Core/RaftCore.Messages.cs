using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>What peers say, and what a follower does with its leader's requests.</summary>
public sealed partial class RaftCore
{
    private void OnPeer(PeerMessage message)
    {
        // Requests of nodes that this one does not know as members count: it may be behind (section 6). What
        // others answer is counted for members only.
        if (message.From == identity.Self || message.From.IsNone || message.To != identity.Self) return;

        // Section 5.1. A pre-vote changes nothing at its receiver, not even the term.
        if (message.Term > Term && message is not PreVote) BecomeFollower(message.Term);
        switch (message)
        {
            case PreVote request: OnPreVote(request); break;
            case PreVoteReply reply: OnPreVoteReply(reply); break;
            case RequestVote request: OnRequestVote(request); break;
            case RequestVoteReply reply: OnRequestVoteReply(reply); break;
            case TimeoutNow request: OnTimeoutNow(request); break;
            case AppendEntries request: OnAppendEntries(request); break;
            case InstallSnapshot request: OnInstallSnapshot(request); break;
            case AppendEntriesReply reply when reply.Term == Term: leadership?.OnReply(reply, now); break;
            case InstallSnapshotReply reply when reply.Term == Term: leadership?.OnReply(reply, now); break;
            case AppendEntriesReply or InstallSnapshotReply: break; // An earlier term's.
            default: throw new ArgumentException($"{message.GetType().Name} is the driver's.");
        }
    }

    private void OnAppendEntries(AppendEntries request)
    {
        var verdict = new AppendVerdict(false, request.PreviousIndex, Term.Zero, log.LastIndex.Next());
        if (request.Term == Term)
        {
            Follow(request, request.LogTime);
            verdict = log.Accept(request);
            incoming.ForgetUpTo(log.CommitIndex);
        }

        output.Send(new AppendEntriesReply
        {
            Group = identity.Group,
            From = identity.Self,
            To = request.From,
            Term = Term,
            RequestId = AnsweredId(request),
            Success = verdict.Success,
            MatchIndex = verdict.Match,
            ConflictTerm = verdict.ConflictTerm,
            ConflictIndex = verdict.ConflictIndex,
            Abstains = handover.IsLeaving || repair.IsUnderWay,
        });
    }

    private void OnInstallSnapshot(InstallSnapshot request)
    {
        var (match, received) = (LogIndex.Zero, 0);
        if (request.Term == Term)
        {
            Follow(request, request.LogTime);
            var hasIt = request.Snapshot.Index <= log.CommitIndex;
            if (!hasIt) received = incoming.Take(request);
            if (hasIt) match = log.Install(request.Snapshot, request.Term);
            else if (incoming.TakeWhole() is { } whole) match = log.Install(whole, request.Term);
        }

        output.Send(new InstallSnapshotReply
        {
            Group = identity.Group,
            From = identity.Self,
            To = request.From,
            Term = Term,
            RequestId = AnsweredId(request),
            MatchIndex = match,
            SnapshotIndex = request.Snapshot.Index,
            ReceivedBytes = received,
        });
    }

    // The answer to a deposed leader carries the new term, and its sender may lead that term by now,
    // numbering its requests anew after a restart: it must not take this for an answer to one of them.
    private long AnsweredId(PeerMessage request) =>
        request.Term == Term ? request.RequestId : RequestIds.None;

    /// <summary>
    /// A request of this term's leader: whoever stands gives up, and the silence begins anew.
    /// </summary>
    private void Follow(PeerMessage request, long logTime)
    {
        if (leadership is not null || (!contact.Leader.IsNone && contact.Leader != request.From))
            throw identity.Broken(Term, log.LastIndex, $"{request.From} leads beside {Leader}");
        if (Role != RaftRole.Follower) BecomeFollower(Term);
        hint.LeaderHeard(contact.Incarnation == request.Incarnation, now);
        contact.Heard(request.From, request.Incarnation, now);
        clock.Hear(Term, logTime);
        timer.Reset(now);
    }
}

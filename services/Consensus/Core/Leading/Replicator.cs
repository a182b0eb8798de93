using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>Sends a leader's log to its followers and keeps what they answer.</summary>
internal sealed class Replicator
{
    private const int StuckElections = 10;

    private readonly RaftOptions options;
    private readonly GroupIdentity identity;
    private readonly Term term;
    private readonly ReplicatedLog log;
    private readonly LogClock clock;
    private readonly StepOutput output;
    private readonly RequestIds requestIds;
    private readonly long trustedFrom;
    private readonly List<Progress> followers = [];
    private readonly List<RemovedFollower> removed = [];
    private Configuration members;
    private bool votes;
    private NodeId toldToStand;

    public Replicator(LeadershipParts parts, Term term, long now)
    {
        this.term = term;
        (options, identity, log, clock, output, requestIds) = parts;
        trustedFrom = requestIds.Upcoming;
        members = log.Members;
        votes = identity.IsVoterOf(members);
        Follow(now);
    }

    /// <summary>
    /// The log has another membership: who came is fed from now on, and who went until it knows that this is
    /// committed, or was silent for too long.
    /// </summary>
    public void MembersChanged(long now)
    {
        members = log.Members;
        votes = identity.IsVoterOf(members);
        foreach (var gone in followers.Where(one => !members.IsMember(one.Node)))
            removed.Add(new(gone, log.MembersIndex, now + options.ElectionMaxMilliseconds));
        followers.RemoveAll(one => !members.IsMember(one.Node));
        Follow(now);
    }

    private void Follow(long now)
    {
        var others = members.Nodes
            .Where(node => node != identity.Self && !followers.Exists(one => one.Node == node));
        foreach (var node in others)
        {
            removed.RemoveAll(one => one.Progress.Node == node);
            followers.Add(new Progress(node, log.LastIndex.Next(), now));
        }
    }

    /// <summary>Learners that have kept up, which the leader may promote by itself or when asked.</summary>
    public IEnumerable<NodeId> CaughtUpLearners(long now) => followers
        .Where(one => one is { CatchUp.HasCaughtUp: true, State: ProgressState.Replicate }
            && !one.HasLostEntries && IsHeard(one, now))
        .Select(one => one.Node)
        .Where(node => !members.IsVoter(node));

    /// <summary>
    /// Of some nodes, those that were heard just now and vote, this one included.
    /// </summary>
    public IReadOnlySet<NodeId> HeardOf(IEnumerable<NodeId> nodes, long now) => nodes
        .Where(node => node == identity.Self
            || followers.Exists(one => one.Node == node && IsHeard(one, now)))
        .ToHashSet();

    private bool IsHeard(Progress follower, long now) =>
        !follower.Abstains && now - follower.HeardAt < options.ElectionMinMilliseconds;

    /// <summary>
    /// The greatest index on the disks of a majority; this node counts what its driver reported.
    /// </summary>
    public LogIndex MajorityMatch() =>
        new(MajorityOf(log.PersistedIndex.Value, static follower => follower.Counted.Value));

    /// <summary>The newest request that a majority, this node included, answered.</summary>
    public long MajorityAnswered() => MajorityOf(long.MaxValue, static follower => follower.Answered);

    /// <summary>The last moment at which a majority, this node included, had been heard.</summary>
    public long MajorityHeardAt() => MajorityOf(long.MaxValue, static follower => follower.HeardAt);

    public void OnReply(AppendEntriesReply reply, long now)
    {
        if (!IsTrusted(reply) || Find(reply.From) is not { } follower) return;
        follower.Heard(reply.RequestId, now);
        follower.AbstainsSince = reply.Abstains ? follower.AbstainsSince ?? now : null;
        if (reply.Success) Matched(follower, reply.MatchIndex, reply.RequestId);
        else if (follower.ProvesLoss(reply.MatchIndex, reply.RequestId)) Lost(follower, reply);
        else follower.Refused(reply.MatchIndex, NextAfter(reply), reply.RequestId, requestIds.Upcoming);
    }

    public void OnReply(InstallSnapshotReply reply, long now)
    {
        if (!IsTrusted(reply) || Find(reply.From) is not { } follower) return;
        follower.Heard(reply.RequestId, now);
        if (follower.Outgoing is { } outgoing && outgoing.Snapshot.Index == reply.SnapshotIndex)
            outgoing.Answered(reply.ReceivedBytes, reply.RequestId);
        Matched(follower, reply.MatchIndex, reply.RequestId);
    }

    /// <summary>
    /// The named voter, or the one with the longest log, if it was heard just now and can stand.
    /// </summary>
    public NodeId? Successor(NodeId wanted, long now) => followers
        .Where(follower => members.IsLastingVoter(follower.Node))
        .Where(follower => wanted.IsNone || follower.Node == wanted)
        .Where(follower => IsHeard(follower, now))
        .OrderByDescending(follower => follower.Counted)
        .ThenBy(follower => follower.Node)
        .FirstOrDefault()?.Node;

    /// <summary>
    /// A voter has all of the log and has abstained for so long that it is no coming or going: it is repaired
    /// and cannot tell what it may have acknowledged, so only a later term ends that. True once in that time.
    /// </summary>
    public bool TakeStuckVoter(long now)
    {
        foreach (var follower in followers)
        {
            // First what is true of hardly anybody: every step asks.
            var isStuck = now - follower.AbstainsSince >= StuckElections * options.ElectionMaxMilliseconds
                && follower.Match >= log.CommitIndex && members.IsLastingVoter(follower.Node);
            if (!isStuck) continue;
            follower.AbstainsSince = now;
            return true;
        }
        return false;
    }

    public void HandOver(NodeId successor, bool again)
    {
        var hasAll = Find(successor)?.Match >= log.LastIndex;
        if (!hasAll || (toldToStand == successor && !again)) return;
        toldToStand = successor;
        output.SendEarly(new TimeoutNow
        {
            Group = identity.Group,
            From = identity.Self,
            To = successor,
            Term = term,
            RequestId = requestIds.Take(),
        });
    }

    public void EndHandover() => toldToStand = NodeId.None;

    public void Tick(long now)
    {
        removed.RemoveAll(one => one.IsOver(log.CommitIndex, requestIds.Upcoming, now));
        foreach (var follower in Fed()) follower.Tick(requestIds.Upcoming);
        foreach (var learner in followers.Where(one => !members.IsVoter(one.Node)))
            learner.CatchUp.Look(learner.Match, log.LastIndex, now, options.ElectionMinMilliseconds);
    }

    /// <summary>
    /// Sends what each follower may get; with a heartbeat, everybody gets at least one request.
    /// </summary>
    public void Flush(long now, bool heartbeat)
    {
        foreach (var follower in Fed())
        {
            var before = requestIds.Last;
            Feed(follower, now);
            if (heartbeat && requestIds.Last == before) SendHeartbeat(follower, now);
        }
    }

    private void Feed(Progress follower, long now)
    {
        if (follower.Next.Previous() < log.BaseIndex || follower.State == ProgressState.Snapshot)
        {
            SendSnapshot(follower, now);
        }
        else if (follower.State == ProgressState.Probe)
        {
            if (follower.HasSentOne) return;
            follower.SentProbe();
            SendEntries(follower, log.Batch(follower.Next, options.MaxAppendBytes), now);
        }
        else
        {
            while (follower.Next <= log.LastIndex && follower.UnderWay < options.MaxInflightAppends
                && follower.BytesUnderWay < options.MaxInflightBytes)
            {
                var batch = log.Batch(follower.Next, options.MaxAppendBytes);
                SendEntries(follower, batch, now);
                follower.SentEntries(batch[^1].Index, batch.Sum(LogWindow.SizeOf));
            }
        }
    }

    private void SendSnapshot(Progress follower, long now)
    {
        // A snapshot is not thrown at a node that does not answer: a heartbeat finds out first.
        if (now - follower.HeardAt >= options.ElectionMaxMilliseconds) return;
        if (follower.Outgoing is null)
        {
            var snapshot = log.Snapshot
                ?? throw identity.Broken(term, follower.Next, "compacted without a snapshot");
            follower.BeginSnapshot(new OutgoingSnapshot(
                snapshot, options.MaxSnapshotPartBytes, requestIds.Upcoming));
        }

        var outgoing = follower.Outgoing!;
        while (outgoing.NextPart() is var (offset, data))
        {
            output.SendEarly(new InstallSnapshot
            {
                Group = identity.Group,
                From = identity.Self,
                To = follower.Node,
                Term = term,
                RequestId = requestIds.Take(),
                Snapshot = outgoing.Snapshot with { Payload = data },
                Offset = offset,
                TotalBytes = outgoing.Snapshot.Payload.Length,
                LogTime = clock.At(now),
            });
        }
    }

    // A heartbeat asserts what was sent before it, so a lost request is refused, hence noticed, at the next
    // heartbeat.
    private void SendHeartbeat(Progress follower, long now) => SendEntries(follower, [], now);

    private void SendEntries(Progress follower, IReadOnlyList<LogEntry> entries, long now)
    {
        // Before the base no term is known; index 0 is what every log agrees on.
        var previous = follower.Next.Previous();
        if (previous < log.BaseIndex || follower.State == ProgressState.Snapshot) previous = LogIndex.Zero;
        output.SendEarly(new AppendEntries
        {
            Group = identity.Group,
            From = identity.Self,
            To = follower.Node,
            Term = term,
            RequestId = requestIds.Take(),
            PreviousIndex = previous,
            PreviousTerm = previous == LogIndex.Zero ? Term.Zero : log.TermAt(previous),
            Entries = entries,
            CommitIndex = log.CommitIndex,
            LogTime = clock.At(now),
        });
    }

    private void Matched(Progress follower, LogIndex match, long requestId)
    {
        if (match > log.LastIndex)
            throw identity.Broken(term, match,
                $"{follower.Node} acknowledges more than {log.LastIndex} entries");
        follower.Matched(match, requestId, requestIds.Upcoming);
    }

    private void Lost(Progress follower, AppendEntriesReply refusal)
    {
        if (!follower.HasLostEntries)
            output.Lost(new EntriesLost(follower.Node, refusal.MatchIndex, follower.Match));
        follower.Lost(NextAfter(refusal), requestIds.Upcoming);
    }

    /// <summary>
    /// Section 5.3, fast backtracking: go on after the last own entry of the conflicting term, which may
    /// match; without one, at the first index of that term on the follower.
    /// </summary>
    private LogIndex NextAfter(AppendEntriesReply refusal)
    {
        if (refusal.ConflictTerm == Term.Zero) return refusal.ConflictIndex;
        var candidate = log.LastIndexOfTermBefore(refusal.ConflictTerm, refusal.MatchIndex);
        return candidate is { } last && last >= refusal.ConflictIndex ? last.Next() : refusal.ConflictIndex;
    }

    private long MajorityOf(long own, Func<Progress, long> value) => members.Reached(node =>
        node == identity.Self ? (votes ? own : 0) : Find(node) is { } follower ? value(follower) : 0);

    // Those that went come last: nobody waits for them.
    private IEnumerable<Progress> Fed() => followers.Concat(removed.Select(one => one.Progress));

    /// <summary>
    /// Only what answers a request of this very leadership says that the follower follows it: an older one's
    /// request, still under way when this term began, is answered in this term too.
    /// </summary>
    private bool IsTrusted(PeerMessage reply) =>
        reply.RequestId >= trustedFrom && reply.RequestId <= requestIds.Last;

    private Progress? Find(NodeId node) => followers.Find(one => one.Node == node)
        ?? removed.Find(one => one.Progress.Node == node)?.Progress;
}

using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>Sends a leader's log to its followers and keeps what they answer.</summary>
internal sealed class Replicator
{
    private readonly RaftOptions options;
    private readonly GroupIdentity identity;
    private readonly Term term;
    private readonly ReplicatedLog log;
    private readonly LogClock clock;
    private readonly StepOutput output;
    private readonly RequestIds requestIds;
    private readonly Progress[] followers;
    private readonly long trustedFrom;
    private NodeId toldToStand;

    public Replicator(LeadershipParts parts, Term term, long now)
    {
        this.term = term;
        (options, identity, log, clock, output, requestIds) = parts;
        trustedFrom = requestIds.Upcoming;
        followers = [.. identity.Peers.Select(peer => new Progress(peer, log.LastIndex.Next(), now))];
    }

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
        if (!IsTrusted(reply)) return;
        var follower = Find(reply.From);
        follower.Heard(reply.RequestId, now);
        if (reply.Success) Matched(follower, reply.MatchIndex, reply.RequestId);
        else if (follower.ProvesLoss(reply.MatchIndex, reply.RequestId)) Lost(follower, reply);
        else follower.Refused(reply.MatchIndex, NextAfter(reply), reply.RequestId, requestIds.Upcoming);
    }

    public void OnReply(InstallSnapshotReply reply, long now)
    {
        if (!IsTrusted(reply)) return;
        var follower = Find(reply.From);
        follower.Heard(reply.RequestId, now);
        Matched(follower, reply.MatchIndex, reply.RequestId);
    }

    /// <summary>The named follower, or the one with the longest log, if it was heard just now.</summary>
    public NodeId? Successor(NodeId wanted, long now) => followers
        .Where(follower => wanted.IsNone || follower.Node == wanted)
        .Where(follower => now - follower.HeardAt < options.ElectionMinMilliseconds)
        .OrderByDescending(follower => follower.Counted)
        .ThenBy(follower => follower.Node)
        .FirstOrDefault()?.Node;

    public void HandOver(NodeId successor, bool again)
    {
        if (Find(successor).Match < log.LastIndex || (toldToStand == successor && !again)) return;
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

    public void Tick()
    {
        foreach (var follower in followers) follower.Tick(requestIds.Upcoming);
    }

    /// <summary>
    /// Sends what each follower may get; with a heartbeat, everybody gets at least one request.
    /// </summary>
    public void Flush(long now, bool heartbeat)
    {
        foreach (var follower in followers)
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
        if (follower.State == ProgressState.Snapshot && follower.HasSentOne) return;

        // A whole snapshot is not thrown at a node that does not answer: a heartbeat finds out first.
        if (now - follower.HeardAt >= options.ElectionMaxMilliseconds) return;
        var snapshot = log.Snapshot
            ?? throw identity.Broken(term, follower.Next, "compacted without a snapshot");
        var requestId = requestIds.Take();
        follower.SentSnapshot(snapshot.Index, requestId);
        output.SendEarly(new InstallSnapshot
        {
            Group = identity.Group,
            From = identity.Self,
            To = follower.Node,
            Term = term,
            RequestId = requestId,
            Snapshot = snapshot,
            LogTime = clock.At(now),
        });
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

    private long MajorityOf(long own, Func<Progress, long> value)
    {
        var values = new long[followers.Length + 1];
        for (var i = 0; i < followers.Length; i++) values[i] = value(followers[i]);
        values[^1] = own;
        return Quorum.Reached(values);
    }

    /// <summary>
    /// Only what answers a request of this very leadership says that the follower follows it: an older one's
    /// request, still under way when this term began, is answered in this term too.
    /// </summary>
    private bool IsTrusted(PeerMessage reply) =>
        reply.RequestId >= trustedFrom && reply.RequestId <= requestIds.Last;

    private Progress Find(NodeId node) => Array.Find(followers, follower => follower.Node == node)
        ?? throw identity.Broken(term, LogIndex.Zero, $"{node} is not a follower");
}

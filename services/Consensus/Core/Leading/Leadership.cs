using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>What a leadership is made of; all of it outlives the leadership.</summary>
internal sealed record LeadershipParts(
    RaftOptions Options,
    GroupIdentity Identity,
    ReplicatedLog Log,
    LogClock Clock,
    StepOutput Output,
    RequestIds RequestIds);

/// <summary>
/// Everything that is true only while a node leads in one term. It is made when the node becomes leader and
/// dropped when it steps down, so nothing of one term can leak into another.
/// </summary>
internal sealed class Leadership
{
    private readonly LeadershipParts parts;
    private readonly Term term;
    private readonly LogIndex emptyIndex;
    private readonly Replicator replicator;
    private readonly ProposalLedger proposals;
    private readonly ReadIndexRounds reads = new();
    private readonly CommitAnnouncements announcements = new();
    private readonly PendingChange change = new();
    private bool heartbeatDue = true;

    public Leadership(LeadershipParts parts, Term term, long now)
    {
        this.parts = parts;
        this.term = term;
        replicator = new Replicator(parts, term, now);
        proposals = new ProposalLedger(parts.Options);
        HeartbeatAt = NextHeartbeat(now);
        foreach (var entry in Log.Uncommitted()) proposals.Appended(entry);

        // Entries of earlier terms are committed only through one of this term (section 5.4.2); with no
        // traffic there would be none, and no read could be answered either (section 8).
        emptyIndex = Log.LastIndex.Next();
        Append(EntryKind.Empty, [], now);
    }

    public long HeartbeatAt { get; private set; }

    public long Deadline => Math.Min(HeartbeatAt, QuorumLostAt);

    /// <summary>
    /// The change that removed this node from the voters is committed: another must lead.
    /// </summary>
    public bool IsRemoved => HasCommittedInTerm && !IsChanging && !parts.Identity.IsVoterOf(Log.Members);

    private ReplicatedLog Log => parts.Log;

    private bool IsChanging => Log.Members.IsJoint || Log.MembersIndex > Log.CommitIndex;

    private bool HasCommittedInTerm => Log.CommitIndex >= emptyIndex;

    // Counted from each answer itself: a check that runs only now and then would leave a window with two
    // leaders.
    private long QuorumLostAt
    {
        get
        {
            var heardAt = replicator.MajorityHeardAt();
            return heardAt == long.MaxValue ? heardAt : heardAt + parts.Options.ElectionMaxMilliseconds;
        }
    }

    public bool HasQuorum(long now) => now < QuorumLostAt;

    public void OnReply(AppendEntriesReply reply, long now) => replicator.OnReply(reply, now);

    public void OnReply(InstallSnapshotReply reply, long now) => replicator.OnReply(reply, now);

    public void Propose(ReplyAddress from, ProposeEntries proposal, long now)
    {
        if (proposals.Check(proposal, Log) is { } refusal)
        {
            Refuse(from, proposal.ProposalId, refusal.Reason, refusal.Message);
            return;
        }

        var first = Log.LastIndex.Next();
        foreach (var payload in proposal.Payloads) Append(EntryKind.Command, payload, now);
        if (!proposal.WantsAnswer) return;
        proposals.AwaitCommit(from, new EntriesProposed
        {
            Group = parts.Identity.Group,
            ProposalId = proposal.ProposalId,
            FirstIndex = first,
            LastIndex = Log.LastIndex,
            Term = term,
        });
    }

    /// <summary>
    /// One change at a time, and none before an entry of this term is committed: two leaders could otherwise
    /// change a membership each, and their majorities would miss each other.
    /// </summary>
    public void Change(ChangeReceived wanted, long now)
    {
        var id = wanted.Request.RequestId;
        if (!HasCommittedInTerm || IsChanging)
        {
            Refuse(wanted.From, id, ConsensusRefusal.MembersChanging, HasCommittedInTerm
                ? $"Another change of the members of group {parts.Identity.Group} is under way."
                : $"The leader of group {parts.Identity.Group} has not committed an entry of its term yet.");
            return;
        }

        var (next, problem) = MemberChange.Of(Log.Members, wanted);
        if (next is null) Refuse(wanted.From, id, ConsensusRefusal.Invalid, problem!);
        else if (next == Log.Members) parts.Output.Reply(wanted.From, Changed(Log.MembersIndex, id));
        else if (Risk(wanted.Request, next, now) is var (reason, why)) Refuse(wanted.From, id, reason, why);
        else
        {
            change.Begin(wanted.From, id);
            Append(next, now);
        }
    }

    public void Read(ReadIndexReceived request)
    {
        if (reads.Count < parts.Options.MaxPendingReads) reads.Add(request);
        else
            Refuse(request.From, request.Request.RequestId, ConsensusRefusal.Overloaded,
                $"{reads.Count} reads are waiting; at most {parts.Options.MaxPendingReads} may.");
    }

    /// <summary>The end of a step: commits what can be, answers, and sends what is new.</summary>
    public void Finish(long now, bool mayPromote)
    {
        AdvanceCommit();
        GoOnChanging(now);
        if (now >= HeartbeatAt) Heartbeat(now, mayPromote);
        ConfirmReads();
        if (reads.WantsRound && HasCommittedInTerm)
        {
            // The round's own requests are numbered after the mark: each follower is sent one below.
            reads.Begin(Log.CommitIndex, parts.RequestIds.Last);
            ConfirmReads();
            heartbeatDue = true;
        }

        replicator.Flush(now, heartbeatDue);
        heartbeatDue = false;
    }

    /// <summary>Who can take over now: the named node, or the one that lacks least.</summary>
    public NodeId? Successor(NodeId wanted, long now) => replicator.Successor(wanted, now);

    /// <summary>Tells the successor to stand if it has every entry; repeated with the heartbeats.</summary>
    public void HandOver(NodeId successor, long now) => replicator.HandOver(successor, now >= HeartbeatAt);

    /// <summary>A voter is kept from voting until a later term, see <see cref="Replicator"/>.</summary>
    public bool TakeStuckVoter(long now) => HasCommittedInTerm && replicator.TakeStuckVoter(now);

    public void EndHandover() => replicator.EndHandover();

    public IEnumerable<ReadIndexReceived> TakeReads() => reads.TakeAll();

    // Figure 2, leaders: the majority must hold an entry of this very term; what lies before it comes along
    // (figure 8).
    private void AdvanceCommit()
    {
        var majority = replicator.MajorityMatch();
        if (majority <= Log.CommitIndex || Log.TermAt(majority) != term) return;
        var isFirst = !HasCommittedInTerm;
        var committed = Log.CommitUpTo(majority);
        proposals.Committed(committed, parts.Output);
        announcements.CommitRose();
        Announce(committed);
        if (!isFirst) return;
        parts.Output.Elected(new LeaderElected
        {
            Group = parts.Identity.Group,
            Leader = parts.Identity.Self,
            Term = term,
        });
    }

    private void Heartbeat(long now, bool mayPromote)
    {
        HeartbeatAt = NextHeartbeat(now);
        heartbeatDue = true;
        replicator.Tick(now);
        if (mayPromote) PromoteLearners(now);
        if (announcements.IsDueAtHeartbeat(now)) parts.Output.AnnounceCommit();
    }

    /// <summary>
    /// A multiple of the interval, by the node's clock: the heartbeats of all its groups are one step's, and
    /// so one message to each peer.
    /// </summary>
    private long NextHeartbeat(long now)
    {
        var interval = parts.Options.HeartbeatMilliseconds;
        return ((now / interval) + 1) * interval;
    }

    private void ConfirmReads() =>
        reads.Confirm(parts.Identity, term, replicator.MajorityAnswered(), parts.Output);

    // A joint membership that is committed is left at once.
    private void GoOnChanging(long now)
    {
        if (Log.Members.IsJoint && Log.MembersIndex <= Log.CommitIndex && HasCommittedInTerm)
            Append(Log.Members.Left(), now);
    }

    private void PromoteLearners(long now)
    {
        if (!HasCommittedInTerm || IsChanging) return;
        var places = MemberChange.MostVoters - Log.Members.Voters.Count;
        var learners = replicator.CaughtUpLearners(now)
            .Where(node => Log.Members.Find(node) is { StaysLearner: false }).Take(places).ToList();
        if (learners.Count == 0) return;
        var none = new Dictionary<NodeId, string>();
        var wanted =
            new ChangeReceived(new ReplyAddress(), new ChangeMembers { Promote = learners }, none, none);
        if (MemberChange.Of(Log.Members, wanted).Next is { } next) Append(next, now);
    }

    private (ConsensusRefusal Reason, string Message)? Risk(
        ChangeMembers wanted, Configuration next, long now)
    {
        var lagging = wanted.Promote.Where(node => !Log.Members.IsVoter(node))
            .Except(replicator.CaughtUpLearners(now)).ToList();
        if (lagging.Count > 0)
            return (ConsensusRefusal.NotCaughtUp,
                $"{string.Join(", ", lagging)} lacks entries, or was not heard just now; try again.");
        var heard = replicator.HeardOf(next.Voters, now);
        if (next.IsMajority(heard)) return null;
        return (ConsensusRefusal.QuorumAtRisk,
            $"Of the voters {string.Join(", ", next.Voters)} only {string.Join(", ", heard.Order())} were "
            + $"heard within {parts.Options.ElectionMinMilliseconds} ms: nothing could be committed then.");
    }

    private void Announce(IReadOnlyList<LogEntry> committed)
    {
        foreach (var entry in committed.Where(one => one.Kind == EntryKind.Membership))
        {
            if (entry.Index < Log.MembersIndex || Log.Members.IsJoint) continue;
            parts.Output.MembersChanged(Changed(entry.Index, ""));
            if (change.Take() is var (from, id)) parts.Output.Reply(from, Changed(entry.Index, id));
        }
    }

    private MembersChanged Changed(LogIndex index, string requestId) => new()
    {
        Group = parts.Identity.Group,
        RequestId = requestId,
        Membership = Log.Members.Membership,
        Index = index,
        Term = term,
    };

    private void Append(Configuration next, long now)
    {
        Append(EntryKind.Membership, next.Write(), now);
        replicator.MembersChanged(now);
    }

    private void Append(EntryKind kind, byte[] payload, long now)
    {
        var entry = new LogEntry
        {
            Index = Log.LastIndex.Next(),
            Term = term,
            LogTime = parts.Clock.At(now),
            Kind = kind,
            Payload = payload,
        };
        Log.Append(entry);
        proposals.Appended(entry);
    }

    private void Refuse(ReplyAddress to, string requestId, ConsensusRefusal reason, string message) =>
        parts.Output.Reply(to, parts.Identity.Refusal(requestId, reason, message, parts.Identity.Self, term));
}

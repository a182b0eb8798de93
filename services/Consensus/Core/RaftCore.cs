using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// Raft for one group on one node: inputs in, one output out; no clock, thread, file or bus. After each step
/// the driver sends Early, stores HardState, Snapshot, Truncate and Append in one transaction, sends
/// Messages, publishes and replies, and feeds <see cref="EntriesPersisted"/> in a later step. A throw means a
/// broken invariant: the node must stop.
/// </summary>
public sealed partial class RaftCore
{
    // What this node is and keeps.
    private readonly RaftOptions options;
    private readonly GroupIdentity identity;
    private readonly StepOutput output = new();
    private readonly Ballot ballot;
    private readonly ReplicatedLog log;
    private readonly IncomingSnapshot incoming = new();
    private readonly LogClock clock;
    private readonly RequestIds requestIds;
    private readonly Handover handover = new();
    private readonly Repair repair;

    // How it follows, and when it stands.
    private readonly LeaderContact contact = new();
    private readonly ElectionTimer timer;
    private readonly HintedElection hint;

    // What it is now: the campaign while it stands, the leadership while it leads.
    private Campaign? campaign;
    private Leadership? leadership;
    private long now;
    private bool started;

    public RaftCore(RaftOptions options, RestoredGroup restored)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(restored);
        options.ThrowIfInvalid();
        this.options = options;
        identity = new GroupIdentity(restored);
        ballot = new Ballot(identity, output, restored.HardState);
        log = new ReplicatedLog(identity, output, restored, options);
        clock = new LogClock(log.LastLogTime);
        repair = new Repair(restored.Damage);
        requestIds = new RequestIds(restored.RequestsAfter);
        var random = new SplitMix64(restored.RandomSeed);
        timer = new ElectionTimer(options, random);
        hint = new HintedElection(options, random);
    }

    public RaftRole Role { get; private set; }

    public Term Term => ballot.Term;

    /// <summary>For whom it voted in the current term; none: for nobody.</summary>
    public NodeId Vote => ballot.Vote;

    /// <summary>The leader of the current term as far as the node knows; none while it stands.</summary>
    public NodeId Leader => Role == RaftRole.Leader ? identity.Self : contact.Leader;

    /// <summary>
    /// The connection that the leader spoke through last; empty without a leader, and on the leader itself.
    /// </summary>
    public string LeaderIncarnation => contact.Incarnation;

    /// <summary>Why this node stood when it last did.</summary>
    public ElectionCause StoodFor { get; private set; }

    public LogIndex CommitIndex => log.CommitIndex;

    /// <summary>The first index that can be read; what lies before it is in the snapshot.</summary>
    public LogIndex FirstIndex => log.FirstIndex;

    public LogIndex LastIndex => log.LastIndex;

    /// <summary>The node neither votes nor stands: it lacks what it may have acknowledged.</summary>
    public bool IsRepairing => repair.IsUnderWay;

    /// <summary>What it lacks; null: nothing.</summary>
    public LogDamage? Damage => repair.Damage;

    /// <summary>The newest membership in the log, committed or not; it counts from its entry on.</summary>
    public GroupMembership Membership => log.Members.Membership;

    /// <summary>The entry that brought it, or the snapshot; zero: the bootstrap's.</summary>
    public LogIndex MembershipIndex => log.MembersIndex;

    /// <summary>
    /// Who goes by a name in the newest membership, as a member or an outgoing voter; null: nobody.
    /// </summary>
    public GroupMember? MemberOf(NodeId node) => log.Members.Find(node);

    /// <summary>The newest snapshot; null when the log was never cut.</summary>
    public GroupSnapshot? Snapshot => log.Snapshot;

    /// <summary>When to step at the latest, even without inputs. Before the first step: at once.</summary>
    public long NextDeadline
    {
        get
        {
            if (!started) return long.MinValue;
            var due = leadership?.Deadline
                ?? Math.Min(Math.Min(timer.Deadline, hint.Deadline), campaign?.RetryAt ?? long.MaxValue);
            return Math.Min(due, handover.Deadline);
        }
    }

    /// <summary>
    /// A leadership of this node is on its way to another that was not heard as leader yet; ends in any case
    /// after the longest election timeout.
    /// </summary>
    public bool IsHandingOver => handover.IsOpen;

    /// <summary>
    /// Log time in milliseconds: runs on the leader; elsewhere it stands at the greatest value known.
    /// </summary>
    public long LogTime(long at) => clock.At(at);

    /// <summary>
    /// Committed entries from an index on, about so many bytes; empty when there are none yet.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The index lies before <see cref="FirstIndex"/>.
    /// </exception>
    public IReadOnlyList<LogEntry> Read(LogIndex from, int maxBytes) => log.ReadCommitted(from, maxBytes);

    /// <summary>One kept entry, committed or not.</summary>
    public LogEntry Stored(LogIndex index) => log.At(index);

    public GroupDescription Describe(long at) => new()
    {
        Group = identity.Group,
        Node = identity.Self,
        Role = Role,
        Leader = Leader,
        Term = Term,
        FirstIndex = FirstIndex,
        LastIndex = LastIndex,
        CommitIndex = CommitIndex,
        LogTime = LogTime(at),
        Members = log.Members.Nodes,
        Membership = Membership,
        MembershipIndex = MembershipIndex,
        IsRepairing = IsRepairing,
        ElectionMaxMilliseconds = options.ElectionMaxMilliseconds,
    };

    /// <summary>
    /// Takes inputs in their order, then looks at the clock, which was read after the last input was taken.
    /// </summary>
    public RaftOutput Step(long at, IReadOnlyList<RaftInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Start(at);
        if (at < now) throw identity.Broken(Term, LastIndex, $"the clock went back from {now} to {at}");
        now = at;
        foreach (var input in inputs) Take(input);

        // After the inputs: a node that was paused first hears what waited for it, and only then judges the
        // silence.
        Tick();
        SettleHandover();
        leadership?.Finish(now, mayPromote: !handover.IsOpen);
        if (leadership is { IsRemoved: true }) HandOverAsRemoved();
        else if (!handover.IsOpen && leadership?.TakeStuckVoter(now) == true) BeginHandover();
        log.CompactIfDue();
        if (repair.TryEnd(log)) output.Repaired();
        return output.Take();
    }

    private void Start(long at)
    {
        if (started) return;
        started = true;
        now = at;
        timer.Reset(at);
        if (identity.IsAloneIn(log.Members)) timer.ExpireAt(at);
    }

    private void Take(RaftInput input)
    {
        switch (input)
        {
            case PeerReceived received: OnPeer(received.Message); break;
            case EntriesPersisted done: log.MarkPersisted(done.Index, done.Term); break;
            case ProposalReceived proposal: OnProposal(proposal); break;
            case ReadIndexReceived read: OnReadIndex(read); break;
            case TransferReceived transfer: OnTransfer(transfer); break;
            case ChangeReceived change: OnChange(change); break;
            case LeaveReceived: OnLeave(); break;
            case SnapshotOffered offered: log.Compact(offered.Snapshot); break;
            case ConnectionLost lost: OnConnectionLost(lost.Incarnation); break;
            case OwnConnectionChanged changed: OnOwnConnection(changed.IsUp); break;
            default: throw new ArgumentException($"Unknown input {input?.GetType().Name}.", nameof(input));
        }
    }

    private void Tick()
    {
        if (leadership is not null)
        {
            // Check quorum (dissertation, section 6.2): a leader cut off must not go on taking what it cannot
            // commit.
            if (!leadership.HasQuorum(now)) BecomeFollower(Term);
            return;
        }

        if (hint.IsDue(now))
        {
            hint.Stood();
            if (Role == RaftRole.Follower) Stand(ElectionCause.Hint);
        }
        else if (timer.IsExpired(now))
        {
            Stand(contact.HadLeader ? ElectionCause.Silence : ElectionCause.Start);
        }
        else if (campaign is not null && now >= campaign.RetryAt)
        {
            AskAgain();
        }
    }

    private void OnProposal(ProposalReceived received)
    {
        if (leadership is not null && handover.IsOpen) Hold(received);
        else if (leadership is not null) leadership.Propose(received.From, received.Proposal, now);
        else RefuseNotLeader(received.From, received.Proposal.ProposalId);
    }

    private void OnChange(ChangeReceived received)
    {
        if (leadership is null) RefuseNotLeader(received.From, received.Request.RequestId);
        else if (handover.IsOpen) RefuseWhileHandingOver(received.From, received.Request.RequestId);
        else leadership.Change(received, now);
    }

    private void OnReadIndex(ReadIndexReceived received)
    {
        if (leadership is not null) leadership.Read(received);
        else RefuseNotLeader(received.From, received.Request.RequestId);
    }

    private void RefuseNotLeader(ReplyAddress to, string requestId)
    {
        var message = Leader.IsNone
            ? $"Node {identity.Self} knows no leader of group {identity.Group} in term {Term}."
            : $"Node {Leader} leads group {identity.Group} in term {Term}.";
        output.Reply(to, identity.Refusal(requestId, ConsensusRefusal.NotLeader, message, Leader, Term));
    }
}

using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>How a leader feeds one follower.</summary>
internal enum ProgressState
{
    /// <summary>Where the logs agree is not known: one request at a time.</summary>
    Probe,

    /// <summary>The logs agree up to the match index: requests follow each other without waiting.</summary>
    Replicate,

    /// <summary>The follower's next entry is compacted and the snapshot is under way.</summary>
    Snapshot,
}

/// <summary>
/// What a leader knows of one follower. The match index is a fact and never falls within a term, unless the
/// follower's disk forgot what it had acknowledged; the next index is a guess that goes back to just after
/// the match index whenever something seems lost.
/// </summary>
internal sealed class Progress(NodeId node, LogIndex next, long now)
{
    // Heartbeats without a word about entries under way, after which they count as lost.
    private const int StallTicks = 3;

    private readonly Queue<(LogIndex Last, long Bytes)> underWay = new();
    private long trustedFrom;
    private long matchKnownFrom;
    private long wholeFrom;
    private LogIndex lostUpTo;
    private int silentTicks;

    public NodeId Node { get; } = node;

    public ProgressState State { get; private set; }

    public LogIndex Match { get; private set; }

    /// <summary>
    /// It denied entries that it had acknowledged, and does not have them all again yet.
    /// </summary>
    public bool HasLostEntries { get; private set; }

    /// <summary>What of the match index counts for a commit.</summary>
    public LogIndex Counted => HasLostEntries ? LogIndex.Zero : Match;

    public LogIndex Next { get; private set; } = next;

    /// <summary>
    /// The newest request that the follower answered in this term: it followed this leader after it was sent.
    /// </summary>
    public long Answered { get; private set; }

    public long HeardAt { get; private set; } = now;

    /// <summary>By its last word it neither votes nor stands.</summary>
    public bool Abstains => AbstainsSince is not null;

    /// <summary>When it first said so, without a break; null: it votes.</summary>
    public long? AbstainsSince { get; set; }

    /// <summary>Whether the probe has left.</summary>
    public bool HasSentOne { get; private set; }

    /// <summary>Set in <see cref="ProgressState.Snapshot"/>.</summary>
    public OutgoingSnapshot? Outgoing { get; private set; }

    /// <summary>Looked at while it is a learner.</summary>
    public CatchUpRounds CatchUp { get; } = new();

    public int UnderWay => underWay.Count;

    public long BytesUnderWay { get; private set; }

    public void Heard(long requestId, long now)
    {
        Answered = Math.Max(Answered, requestId);
        HeardAt = Math.Max(HeardAt, now);
    }

    public void SentProbe() => HasSentOne = true;

    public void SentEntries(LogIndex last, long bytes)
    {
        if (underWay.Count == 0) silentTicks = 0;
        underWay.Enqueue((last, bytes));
        BytesUnderWay += bytes;
        Next = last.Next();
    }

    public void BeginSnapshot(OutgoingSnapshot outgoing)
    {
        State = ProgressState.Snapshot;
        Outgoing = outgoing;
        NothingIsUnderWay();
    }

    /// <summary>
    /// The follower's log is the leader's up to an index. Answers may come late and in any order.
    /// </summary>
    public void Matched(LogIndex index, long requestId, long upcomingRequestId)
    {
        // What it acknowledged before the loss is what it has lost.
        if (requestId < wholeFrom) return;
        if (index > Match)
        {
            Match = index;
            matchKnownFrom = upcomingRequestId;
            silentTicks = 0;
            if (Match >= lostUpTo) HasLostEntries = false;
        }

        if (Next <= Match) Next = Match.Next();
        while (underWay.TryPeek(out var sent) && sent.Last <= Match)
        {
            BytesUnderWay -= sent.Bytes;
            underWay.Dequeue();
        }

        // Words about requests from before the last step back say nothing of what was sent since.
        var probed = State == ProgressState.Probe && requestId >= trustedFrom;
        var installed = Match >= Outgoing?.Snapshot.Index;
        if (probed || installed) BecomeReplicate();
    }

    /// <summary>
    /// The follower has no such entry at the refused index. Late refusals are ignored, and nothing ever moves
    /// the next index to what is known to match: each refusal that counts moves it back, so this ends.
    /// </summary>
    public void Refused(LogIndex refused, LogIndex proposedNext, long requestId, long upcomingRequestId)
    {
        if (State == ProgressState.Snapshot || requestId < trustedFrom || refused <= Match) return;
        var next = proposedNext > refused ? refused : proposedNext;
        BecomeProbe(next > Match ? next : Match.Next(), upcomingRequestId);
    }

    /// <summary>
    /// Whether a refusal proves that the follower lost what it had acknowledged. Only one of a request that
    /// left after the acknowledgement was heard does: others may merely have overtaken the entries.
    /// </summary>
    public bool ProvesLoss(LogIndex refused, long requestId) =>
        refused > LogIndex.Zero && refused <= Match && requestId >= matchKnownFrom;

    /// <summary>
    /// Begins anew with it, from its hint: it gets from the leader what it lost, and counts once it has it.
    /// To leave it out for longer would stop a group in which one after the other was repaired.
    /// </summary>
    public void Lost(LogIndex proposedNext, long upcomingRequestId)
    {
        if (Match > lostUpTo) lostUpTo = Match;
        HasLostEntries = true;
        wholeFrom = upcomingRequestId;
        Match = LogIndex.Zero;
        BecomeProbe(proposedNext > LogIndex.Zero ? proposedNext : new LogIndex(1), upcomingRequestId);
    }

    /// <summary>
    /// A heartbeat passes. Without answers for some of them, what is under way is taken as lost.
    /// </summary>
    public void Tick(long upcomingRequestId)
    {
        silentTicks++;
        Outgoing?.Tick();
        if (State == ProgressState.Replicate && underWay.Count > 0 && silentTicks >= StallTicks)
            BecomeProbe(Match.Next(), upcomingRequestId);
    }

    private void BecomeProbe(LogIndex next, long upcomingRequestId)
    {
        State = ProgressState.Probe;
        Outgoing = null;
        Next = next;
        trustedFrom = upcomingRequestId;
        NothingIsUnderWay();
        silentTicks = 0;
        HasSentOne = false;
    }

    private void BecomeReplicate()
    {
        State = ProgressState.Replicate;
        Outgoing = null;
        Next = Match.Next();
        NothingIsUnderWay();
        silentTicks = 0;
        HasSentOne = false;
    }

    private void NothingIsUnderWay()
    {
        underWay.Clear();
        BytesUnderWay = 0;
    }
}

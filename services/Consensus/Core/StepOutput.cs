using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// Gathers what one step asks of the driver. Several inputs of a step may append, cut and append again; what
/// leaves is the net change, so that the driver's one transaction ends in exactly the state the core holds in
/// memory.
/// </summary>
internal sealed class StepOutput
{
    private readonly List<LogEntry> append = [];
    private List<PeerMessage> early = [];
    private List<PeerMessage> messages = [];
    private List<LogEntry> committed = [];
    private List<RaftReply> replies = [];
    private List<EntriesLost> lost = [];
    private List<MembersChanged> membersChanged = [];
    private HardState? hardState;
    private GroupSnapshot? snapshot;
    private LogIndex firstIndex;
    private LogIndex? truncateFrom;
    private LeaderElected? elected;
    private bool announceCommit;
    private bool repaired;

    /// <summary>Sends once everything of this step is on disk.</summary>
    public void Send(PeerMessage message) => messages.Add(message);

    /// <summary>
    /// Sends at once, beside the node's own write. A leader's term is always stored before it leads; should a
    /// term or vote change be part of this very step, the message waits for it.
    /// </summary>
    public void SendEarly(PeerMessage message) => (hardState is null ? early : messages).Add(message);

    public void Store(HardState state) => hardState = state;

    public void Append(LogEntry entry) => append.Add(entry);

    public void Truncate(LogIndex from)
    {
        append.RemoveAll(entry => entry.Index >= from);
        // What is left in the list was appended after everything on disk, so the disk holds nothing from
        // there on.
        if (append.Count == 0 && (truncateFrom is null || from < truncateFrom)) truncateFrom = from;
    }

    public void Store(GroupSnapshot taken, LogIndex first)
    {
        snapshot = taken;
        firstIndex = first;
        append.RemoveAll(entry => entry.Index < first);
    }

    public void Committed(IReadOnlyList<LogEntry> entries) => committed.AddRange(entries);

    public void Elected(LeaderElected leader) => elected = leader;

    public void MembersChanged(MembersChanged change) => membersChanged.Add(change);

    public void AnnounceCommit() => announceCommit = true;

    public void Repaired() => repaired = true;

    public void Lost(EntriesLost entries) => lost.Add(entries);

    public void Reply(ReplyAddress to, object message) => replies.Add(new RaftReply(to, message));

    /// <summary>Hands the step's output over and starts the next.</summary>
    public RaftOutput Take()
    {
        var output = new RaftOutput
        {
            Early = early,
            HardState = hardState,
            Snapshot = snapshot,
            FirstIndex = firstIndex,
            TruncateFrom = truncateFrom,
            Append = append.Count == 0 ? [] : append.ToArray(),
            Messages = messages,
            Committed = committed,
            AnnounceCommit = announceCommit,
            Elected = elected,
            MembersChanged = membersChanged,
            Replies = replies,
            Lost = lost,
            IsRepaired = repaired,
        };
        Clear();
        return output;
    }

    private void Clear()
    {
        append.Clear();
        early = [];
        messages = [];
        committed = [];
        replies = [];
        lost = [];
        membersChanged = [];
        hardState = null;
        snapshot = null;
        firstIndex = LogIndex.Zero;
        truncateFrom = null;
        elected = null;
        announceCommit = false;
        repaired = false;
    }
}

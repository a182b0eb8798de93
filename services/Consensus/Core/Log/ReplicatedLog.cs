using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>What a follower answers to an AppendEntries.</summary>
internal readonly record struct AppendVerdict(
    bool Success, LogIndex Match, Term ConflictTerm, LogIndex ConflictIndex);

/// <summary>
/// The log with its commit index and snapshot. Every change is also staged for the driver. Nothing committed
/// is ever removed but by compaction, and the commit index never falls.
/// </summary>
internal sealed class ReplicatedLog
{
    private readonly GroupIdentity identity;
    private readonly StepOutput output;
    private readonly RaftOptions options;
    private readonly LogWindow window;
    private readonly MembershipHistory members;
    private StoreSnapshot? early;

    public ReplicatedLog(
        GroupIdentity identity, StepOutput output, RestoredGroup restored, RaftOptions options)
    {
        this.identity = identity;
        this.output = output;
        this.options = options;
        Snapshot = restored.Snapshot;
        CommitIndex = Snapshot?.Index ?? LogIndex.Zero;
        window = RestoredWindow.Build(identity, restored);
        PersistedIndex = window.LastIndex;
        members = new MembershipHistory(Configuration.OfBootstrap(restored.Members));
        if (Snapshot is not null) members.StartFrom(Snapshot);
        foreach (var entry in window.Range(SnapshotIndex.Next(), LastIndex)) members.Appended(entry);
    }

    public GroupSnapshot? Snapshot { get; private set; }

    public LogIndex CommitIndex { get; private set; }

    /// <summary>The last entry known to be on this node's disk.</summary>
    public LogIndex PersistedIndex { get; private set; }

    public LogIndex SnapshotIndex => Snapshot?.Index ?? LogIndex.Zero;

    public LogIndex BaseIndex => window.BaseIndex;

    public LogIndex FirstIndex => window.FirstIndex;

    public LogIndex LastIndex => window.LastIndex;

    /// <summary>What the kept entries take, those before the snapshot's index included.</summary>
    public long Bytes => window.Bytes;

    public Term LastTerm => window.LastTerm;

    public long LastLogTime =>
        Math.Max(Snapshot?.LogTime ?? 0, LastIndex > BaseIndex ? window[LastIndex].LogTime : 0);

    /// <summary>The newest membership, which counts whether it is committed or not (section 6).</summary>
    public Configuration Members => members.Current;

    public LogIndex MembersIndex => members.Index;

    /// <summary>The newest membership and, until it is committed, those before it.</summary>
    public IEnumerable<Configuration> PossibleMembers => members.Since(CommitIndex);

    public Term TermAt(LogIndex index) => window.TermAt(index);

    public LogEntry At(LogIndex index) => window[index];

    public IReadOnlyList<LogEntry> Uncommitted() => window.Range(CommitIndex.Next(), LastIndex);

    public IReadOnlyList<LogEntry> Batch(LogIndex from, long maxBytes) =>
        window.Batch(from, LastIndex, maxBytes);

    public IReadOnlyList<LogEntry> ReadCommitted(LogIndex from, long maxBytes)
    {
        if (from < FirstIndex)
            throw new ArgumentOutOfRangeException(nameof(from), from.Value,
                $"Compacted: first index {FirstIndex}.");
        return window.Batch(from, CommitIndex, maxBytes);
    }

    /// <summary>
    /// The restriction on elections (section 5.4.1): later last term, or equal and at least as long.
    /// </summary>
    public bool IsUpToDate(Term lastTerm, LogIndex lastIndex) =>
        lastTerm > LastTerm || (lastTerm == LastTerm && lastIndex >= LastIndex);

    public void Append(LogEntry entry)
    {
        window.Append(entry);
        members.Appended(entry);
        output.Append(entry);
    }

    /// <summary>
    /// A write is done. Its term must still be that of the log: otherwise it is the late word about an entry
    /// which has been replaced since, and must not count for the new one.
    /// </summary>
    public void MarkPersisted(LogIndex index, Term term)
    {
        if (window.Matches(index, term) && index > PersistedIndex) PersistedIndex = index;
    }

    /// <summary>Figure 2, receiver of AppendEntries, rules 2 to 5.</summary>
    public AppendVerdict Accept(AppendEntries message)
    {
        var previous = message.PreviousIndex;
        if (previous > LastIndex) return new(false, previous, Term.Zero, LastIndex.Next());

        // Before the base everything is committed, hence the same in every later leader's log (Leader
        // Completeness).
        if (window.Knows(previous) && window.TermAt(previous) != message.PreviousTerm)
        {
            if (previous <= CommitIndex)
                throw identity.Broken(message.Term, previous, "the leader denies a committed entry");
            var term = window.TermAt(previous);
            return new(false, previous, term, Max(window.FirstIndexOfTermAtLeast(term), CommitIndex.Next()));
        }

        Merge(message);

        // Only this request's entries are known to be the leader's; what may follow them here is not.
        var verified = previous + message.Entries.Count;
        CommitUpTo(verified < message.CommitIndex ? verified : message.CommitIndex);
        return new(true, verified, Term.Zero, LogIndex.Zero);
    }

    /// <summary>Raises the commit index, never past the log's end; gives what became committed.</summary>
    public IReadOnlyList<LogEntry> CommitUpTo(LogIndex index)
    {
        if (index <= CommitIndex) return [];
        if (index > LastIndex)
            throw identity.Broken(LastTerm, index, $"commit past the last index {LastIndex}");
        var entries = window.Range(CommitIndex.Next(), index);
        CommitIndex = index;
        output.Committed(entries);
        return entries;
    }

    /// <summary>The last index before a bound that has exactly this term, if the kept log has one.</summary>
    public LogIndex? LastIndexOfTermBefore(Term term, LogIndex bound)
    {
        var last = Min(window.FirstIndexOfTermAtLeast(term.Next()), bound).Previous();
        return window.Matches(last, term) ? last : null;
    }

    /// <summary>
    /// Takes a machine's state at a committed index and cuts the log; older offers are ignored. Replicas
    /// offer the entry that they have just applied, and a follower learns only later that it is committed:
    /// the last such offer waits for <see cref="CompactIfDue"/>.
    /// </summary>
    public void Compact(StoreSnapshot offered)
    {
        if (offered.Index > CommitIndex)
        {
            early = offered;
            return;
        }

        if (offered.Index <= SnapshotIndex) return;
        var entry = window[offered.Index];
        Store(new GroupSnapshot
        {
            Index = entry.Index,
            Term = entry.Term,
            LogTime = entry.LogTime,
            Payload = offered.Payload,
            Membership = members.At(entry.Index),
        });
    }

    /// <summary>Takes the offer that came too early, once the commit index has reached it.</summary>
    public void CompactIfDue()
    {
        if (early is not { } offered || offered.Index > CommitIndex) return;
        early = null;
        Compact(offered);
    }

    /// <summary>
    /// Takes the leader's snapshot (figure 13). Entries after its index stay only when the entry at its index
    /// is the same; a tail of another history goes. A snapshot that holds nothing new changes nothing.
    /// </summary>
    public LogIndex Install(GroupSnapshot snapshot, Term leaderTerm)
    {
        if (snapshot.Index <= CommitIndex)
        {
            if (window.Knows(snapshot.Index) && window.TermAt(snapshot.Index) != snapshot.Term)
                throw identity.Broken(leaderTerm, snapshot.Index,
                    "the leader's snapshot denies a committed entry");
            return CommitIndex;
        }

        if (window.Matches(snapshot.Index, snapshot.Term))
        {
            CommitUpTo(snapshot.Index);
            Store(snapshot);
            return snapshot.Index;
        }

        window.Reset(snapshot.Index, snapshot.Term);
        members.TruncatedFrom(snapshot.Index.Next());
        CommitIndex = snapshot.Index;
        PersistedIndex = Min(PersistedIndex, snapshot.Index);
        output.Truncate(snapshot.Index.Next());
        Store(snapshot);
        return snapshot.Index;
    }

    private void Merge(AppendEntries message)
    {
        var expected = message.PreviousIndex;
        foreach (var entry in message.Entries)
        {
            expected = expected.Next();
            if (entry.Index != expected || entry.Term > message.Term)
                throw identity.Broken(message.Term, entry.Index,
                    $"entry of term {entry.Term} sent as {expected}");
            if (entry.Index <= BaseIndex) continue;
            if (entry.Index <= LastIndex)
            {
                // A delayed request holds a prefix of what is here: only a real conflict removes anything.
                if (window.TermAt(entry.Index) == entry.Term) continue;
                Truncate(entry.Index, message.Term);
            }

            Append(entry);
        }
    }

    private void Truncate(LogIndex from, Term term)
    {
        if (from <= CommitIndex)
            throw identity.Broken(term, from, $"truncation below commit index {CommitIndex}");
        window.TruncateFrom(from);
        members.TruncatedFrom(from);
        PersistedIndex = Min(PersistedIndex, from.Previous());
        output.Truncate(from);
    }

    private void Store(GroupSnapshot snapshot)
    {
        Snapshot = snapshot;
        members.StartFrom(snapshot);
        window.CutUpTo(window.BaseOfTail(snapshot.Index, options.TrailingEntries, options.TrailingBytes));
        output.Store(snapshot, FirstIndex);
    }

    private static LogIndex Max(LogIndex left, LogIndex right) => left > right ? left : right;

    private static LogIndex Min(LogIndex left, LogIndex right) => left < right ? left : right;
}

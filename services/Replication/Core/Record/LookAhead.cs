using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// A halted replica's search of the log behind the entry that it cannot apply, for an operator's refusal of
/// it. Nothing of the search stays but the answer: record entries are tried on a copy of the record. When two
/// others agree on a state behind the entry, or the log is cut there, a snapshot takes the replica past it.
/// </summary>
internal sealed class LookAhead
{
    /// <summary>Between two questions for a snapshot of the others' state.</summary>
    public const long SnapshotMilliseconds = 30_000;

    private readonly ReplicaOptions _options;
    private readonly LogIndex _haltedAt;
    private readonly GroupRecord _record;
    private readonly LeaderKnowledge _leader;
    private LogIndex _last;
    private LogIndex _commit;
    private string _requestId = "";
    private long _askedAt = long.MinValue / 2;
    private string _snapshotId = "";
    private long _snapshotAskedAt = long.MinValue / 2;
    private bool _areOthersPast;
    private int _attempt;
    private long _requests;

    /// <param name="options">The replica's.</param>
    /// <param name="haltedAt">The entry that it cannot apply.</param>
    /// <param name="record">A copy of the record before that entry, to be changed.</param>
    /// <param name="leader">Knows the nodes to ask.</param>
    public LookAhead(
        ReplicaOptions options, LogIndex haltedAt, GroupRecord record, LeaderKnowledge leader)
    {
        (_options, _haltedAt, _record, _leader) = (options, haltedAt, record, leader);
        (_last, _commit) = (haltedAt, haltedAt);
    }

    /// <summary>Found, and in time.</summary>
    public EntryRefused? Found { get; private set; }

    /// <exception cref="UnsupportedEntryException">A record entry that only a newer build knows.</exception>
    public void Look(IReadOnlyList<LogEntry> entries, LogIndex commit)
    {
        _commit = commit > _commit ? commit : _commit;
        foreach (var entry in entries)
        {
            if (entry.Index == _last.Next() && Found is null)
            {
                Look(entry);
            }
        }
    }

    public void Answered(string requestId)
    {
        if (requestId == _requestId)
        {
            (_requestId, _attempt) = ("", 0);
        }
    }

    public void Refused(ConsensusRefused refused)
    {
        if (refused.RequestId == _requestId)
        {
            // The next question waits as long as after silence.
            _attempt++;
            _areOthersPast |= refused.Reason == ConsensusRefusal.Compacted;
        }
    }

    /// <summary>The snapshot that was asked for, if it is of a state behind the entry.</summary>
    public GroupSnapshot? TakeSnapshot(SnapshotRead message) =>
        message.RequestId == _snapshotId && message.Snapshot is { } snapshot && snapshot.Index >= _haltedAt
            ? snapshot
            : null;

    public void Drive(long now, List<ReplicaSend> sends)
    {
        AskForSnapshot(now, sends);
        var isSilent = _requestId.Length > 0 && now - _askedAt >= _options.ResendMilliseconds;
        if (_commit <= _last || (_requestId.Length > 0 && !isSilent))
        {
            return;
        }
        _attempt += isSilent ? 1 : 0;
        var node = _leader.NodeToAsk(_attempt);
        if (node.IsNone)
        {
            return;
        }
        (_requestId, _askedAt) = ($"a{++_requests}", now);
        var message = new ReadEntries
        {
            Group = _options.Group,
            RequestId = _requestId,
            FromIndex = _last.Next(),
        };
        sends.Add(new(node, message, _requestId));
    }

    public long NextDeadline => Math.Min(
        _requestId.Length > 0 ? _askedAt + _options.ResendMilliseconds : long.MaxValue,
        _areOthersPast ? _snapshotAskedAt + SnapshotMilliseconds : long.MaxValue);

    private void AskForSnapshot(long now, List<ReplicaSend> sends)
    {
        var node = _leader.NodeToAsk(attempt: 0);
        if (!_areOthersPast || now - _snapshotAskedAt < SnapshotMilliseconds || node.IsNone)
        {
            return;
        }
        (_snapshotId, _snapshotAskedAt) = ($"b{++_requests}", now);
        sends.Add(new(
            node, new ReadSnapshot { Group = _options.Group, RequestId = _snapshotId }, _snapshotId));
    }

    private void Look(LogEntry entry)
    {
        _last = entry.Index;
        _record.Count(entry);
        if (entry.Kind == EntryKind.Command && EntryEnvelope.IsRecordEntry(entry.Payload)
            && Read(entry) is { } command
            && _record.Apply(command, entry.Index)
            && command is EntryRefused refusal && refusal.Index == _haltedAt)
        {
            Found = refusal;
        }
        _areOthersPast |= _record.AgreedUpTo >= _haltedAt;
    }

    /// <summary>One that this replica cannot read is met again when its own turn has come.</summary>
    private static RecordCommand? Read(LogEntry entry)
    {
        try
        {
            return RecordCommand.Read(EntryEnvelope.Read(entry.Payload).Body.Span);
        }
        catch (Exception exception) when (exception is not UnsupportedEntryException)
        {
            return null;
        }
    }
}

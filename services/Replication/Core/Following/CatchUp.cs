using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Brings the machine up to the log: a snapshot, then entries until the known commit index is reached, then
/// only what goes missing. One request is in flight; without an answer or progress the next node is asked.
/// </summary>
internal sealed class CatchUp(ReplicaOptions options, LeaderKnowledge leader, ApplyQueue entries)
{
    private Phase _phase = Phase.Snapshot;
    private Request? _request;
    private long _requestNumber;
    private int _attempt;
    private long _holdUntil;
    private bool _isFilling;
    private bool _isCompacted;
    private readonly GapClock _gap = new();

    private enum Phase
    {
        Snapshot,
        Entries,
        Live,
    }

    public bool IsCaughtUp(long now) =>
        _phase == Phase.Live && _gap.BehindFor(now) < options.ResendMilliseconds;

    /// <summary>The snapshot to restore from, if it is newer than the machine.</summary>
    public GroupSnapshot? TakeSnapshot(long now, SnapshotRead message)
    {
        if (message.RequestId != _request?.Id)
        {
            return null;
        }
        _request = null;
        _phase = Phase.Entries;
        if (message.Snapshot is { } snapshot && snapshot.Index > entries.Applied)
        {
            _attempt = 0;
            _isCompacted = false;
            return snapshot;
        }
        if (_isCompacted)
        {
            AskAnotherLater(now);
        }
        return null;
    }

    /// <summary>After the answer's entries were applied.</summary>
    public void EntriesAnswered(long now, EntriesRead message)
    {
        if (_request is not { } request || message.RequestId != request.Id)
        {
            return;
        }
        _request = null;
        var hasProgressed = entries.Applied > request.AppliedBefore;
        if (_phase == Phase.Entries && !entries.IsBehind && !leader.Leader.IsNone)
        {
            _phase = Phase.Live;
        }
        _isFilling = hasProgressed && entries.IsBehind;
        if (hasProgressed)
        {
            _attempt = 0;
        }
        else if (entries.IsBehind || _phase != Phase.Live)
        {
            AskAnotherLater(now);
        }
    }

    public void Refused(long now, ConsensusRefused refused)
    {
        if (refused.RequestId != _request?.Id)
        {
            return;
        }
        _request = null;
        if (refused.Reason == ConsensusRefusal.Compacted)
        {
            _phase = Phase.Snapshot;
            _isCompacted = true;
        }
        else
        {
            AskAnotherLater(now);
        }
    }

    /// <summary>A new leader or connection: ask the leader, and at once.</summary>
    public void AskAgain()
    {
        _request = null;
        _attempt = 0;
        _holdUntil = 0;
    }

    public void Drive(long now, List<ReplicaSend> sends)
    {
        _gap.Notice(now, entries);
        if (_request is { } silent && now - silent.SentAt >= options.ResendMilliseconds)
        {
            _request = null;
            _attempt++;
            leader.Doubt();
        }
        if (_request is not null || AskAt > now || !HasNodeToAsk)
        {
            return;
        }
        _isFilling = false;
        _request = new($"c{++_requestNumber}", now, entries.Applied);
        object message = _phase == Phase.Snapshot
            ? new ReadSnapshot { Group = options.Group, RequestId = _request.Id }
            : new ReadEntries
            {
                Group = options.Group,
                RequestId = _request.Id,
                FromIndex = entries.Applied.Next(),
            };
        sends.Add(new(leader.NodeToAsk(_attempt), message, _request.Id));
    }

    /// <summary>
    /// After <see cref="Drive"/>; without a node to ask, the search for a leader has the next deadline.
    /// </summary>
    public long NextDeadline =>
        _request is { } request ? request.SentAt + options.ResendMilliseconds
        : HasNodeToAsk ? AskAt
        : long.MaxValue;

    private bool HasNodeToAsk => !leader.Leader.IsNone || !leader.NodeToAsk(_attempt).IsNone;

    private long AskAt =>
        _phase != Phase.Live || (_isFilling && entries.IsBehind) ? _holdUntil
        : entries.IsBehind ? Math.Max(_holdUntil, _gap.StuckSince + options.GapMilliseconds)
        : long.MaxValue;

    private void AskAnotherLater(long now)
    {
        _attempt++;
        _holdUntil = now + options.GapMilliseconds;
    }

    private sealed record Request(string Id, long SentAt, LogIndex AppliedBefore);
}

using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Linearizable reads (dissertation, section 6.4): a read waits for a ReadIndex that was SENT after the read
/// came, then for the machine to reach its index. One question is in flight; reads that come meanwhile share
/// the next one.
/// </summary>
internal sealed class ReadQueue(ReplicaOptions options)
{
    private readonly Queue<PendingRead> _waiting = new();
    private readonly Queue<PendingRead> _asked = new();
    private readonly Queue<Found> _found = new();
    private readonly BackOff _backOff = new();
    private long _lastRequest;
    private string? _requestId;
    private long _sentAt;

    /// <summary>Reads without an answer.</summary>
    public int Count { get; private set; }

    public void Submit(long now, long id, List<long> unknown)
    {
        if (Count < options.MaxPendingCommands)
        {
            Count++;
            _waiting.Enqueue(new(id, now));
        }
        else
        {
            unknown.Add(id);
        }
    }

    /// <summary>
    /// Answers to a question that was put again since are dropped: the reads may be newer than they are.
    /// </summary>
    public void IndexFound(ReadIndexFound message)
    {
        if (message.RequestId != _requestId)
        {
            return;
        }
        _found.Enqueue(new(message.Index, new(_asked)));
        _asked.Clear();
        _requestId = null;
        _backOff.Reset();
    }

    public void Refused(long now, ConsensusRefused refused)
    {
        if (refused.RequestId == _requestId)
        {
            _requestId = null;
            _backOff.Grow(now);
        }
    }

    /// <summary>
    /// A new leader or connection: the question is put again, under a new id and for all that wait.
    /// </summary>
    public void AskAgain()
    {
        _requestId = null;
        _backOff.Reset();
    }

    public void Expire(long now, List<long> unknown)
    {
        var submittedUpTo = now - options.CommandTimeout;
        foreach (var reads in _found.Select(found => found.Reads).Append(_asked).Append(_waiting))
        {
            while (reads.TryPeek(out var oldest) && oldest.SubmittedAt <= submittedUpTo)
            {
                unknown.Add(reads.Dequeue().Id);
                Count--;
            }
        }
        while (_found.TryPeek(out var found) && found.Reads.Count == 0)
        {
            _found.Dequeue();
        }
    }

    public void GiveUpAll(List<long> unknown)
    {
        var all = _found.SelectMany(found => found.Reads).Concat(_asked).Concat(_waiting);
        unknown.AddRange(all.Select(read => read.Id));
        _found.Clear();
        _asked.Clear();
        _waiting.Clear();
        _requestId = null;
        Count = 0;
    }

    /// <summary>Later questions find no lower index, so the first that must wait ends the search.</summary>
    public void TakeReady(LogIndex applied, List<long> ready)
    {
        while (_found.TryPeek(out var found) && found.Index <= applied)
        {
            ready.AddRange(found.Reads.Select(read => read.Id));
            Count -= found.Reads.Count;
            _found.Dequeue();
        }
    }

    /// <summary>
    /// Puts the question when there is one to put. True when the last had stayed without an answer.
    /// </summary>
    public bool Send(long now, NodeId leader, List<ReplicaSend> sends)
    {
        var isSilent = _requestId is not null && now - _sentAt >= options.ResendMilliseconds;
        if (leader.IsNone || _backOff.Holds(now) || (_requestId is not null && !isSilent)
            || _asked.Count + _waiting.Count == 0)
        {
            return false;
        }
        while (_waiting.TryDequeue(out var read))
        {
            _asked.Enqueue(read);
        }
        _requestId = $"r{++_lastRequest}";
        _sentAt = now;
        sends.Add(new(leader, new ReadIndex { Group = options.Group, RequestId = _requestId }, _requestId));
        return isSilent;
    }

    public long NextDeadline(long now, NodeId leader)
    {
        var deadline = long.MaxValue;
        foreach (var reads in _found.Select(found => found.Reads).Append(_asked).Append(_waiting))
        {
            if (reads.TryPeek(out var oldest))
            {
                deadline = Math.Min(deadline, oldest.SubmittedAt + options.CommandTimeout);
            }
        }
        if (_requestId is not null && !leader.IsNone && _asked.Count + _waiting.Count > 0)
        {
            deadline = Math.Min(deadline, Math.Max(_sentAt + options.ResendMilliseconds, _backOff.Until));
        }
        return _backOff.Holds(now) ? Math.Min(deadline, _backOff.Until) : deadline;
    }

    private readonly record struct PendingRead(long Id, long SubmittedAt);

    private sealed record Found(LogIndex Index, Queue<PendingRead> Reads);
}

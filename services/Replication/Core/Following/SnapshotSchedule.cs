using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// When to give the nodes a snapshot, each of which cuts its own log with it: at the same indexes on every
/// replica, so that their digests can be compared; when the entries since the last have many bytes, which is
/// the same index on all that count from the same snapshot; and whenever the log is full, because no further
/// index would ever come. Nobody confirms one, so what goes wrong with it is a problem to be told: a log that
/// is not cut is full one day.
/// </summary>
internal sealed class SnapshotSchedule(ReplicaOptions options)
{
    /// <summary>After one that failed: each costs a whole state.</summary>
    public const long RetryMilliseconds = 10_000;

    private bool _isDemanded;
    private long? _sentAt;
    private long _bytes;
    private string _requestId = "";
    private bool _hasFailed;

    /// <summary>
    /// Why the last snapshot cut no log, or not every node's; empty when all is well. Outlives the attempt
    /// after it until that one has stayed without a refusal.
    /// </summary>
    public string Problem { get; private set; } = "";

    private long WaitMilliseconds => _hasFailed ? RetryMilliseconds : options.ResendMilliseconds;

    /// <summary>Counts an applied entry; true when a snapshot is due after it.</summary>
    public bool IsDueAfter(LogEntry applied)
    {
        _bytes += applied.Payload.Length;
        return (options.SnapshotEveryEntries > 0 && applied.Index.Value % options.SnapshotEveryEntries == 0)
            || (options.SnapshotEveryBytes > 0 && _bytes >= options.SnapshotEveryBytes);
    }

    /// <summary>The machine came from a snapshot: that one is the last.</summary>
    public void Restored() => _bytes = 0;

    public void LogFull() => _isDemanded = true;

    /// <summary>
    /// True when a full log or a failure asks for one now; not more often than requests are sent again.
    /// </summary>
    public bool IsDemanded(long now, LogIndex applied) =>
        _isDemanded && applied > LogIndex.Zero
        && (_sentAt is not { } sentAt || now - sentAt >= WaitMilliseconds);

    /// <summary>When a demanded one leaves; later than now.</summary>
    public long NextDeadline(long now, NodeId leader, LogIndex applied) =>
        _isDemanded && !leader.IsNone && applied > LogIndex.Zero && _sentAt is { } sentAt
            ? Math.Max(now + 1, sentAt + WaitMilliseconds)
            : long.MaxValue;

    public void Send(
        long now, NodeId leader, LogIndex applied, Func<byte[]> takeSnapshot, List<ReplicaSend> sends)
    {
        if (leader.IsNone)
        {
            return;
        }
        (_isDemanded, _hasFailed) = (false, false);
        (_sentAt, _bytes, _requestId) = (now, 0, $"s{applied}");
        var state = takeSnapshot();
        if (SnapshotEnvelope.TryWrite(state) is not { } payload)
        {
            Fail($"the machine's {state.Length} bytes at {applied} are too many: compressed, "
                + $"{LogEntry.LargestPayloadBytes} can be handed on");
            return;
        }
        var message = new StoreSnapshot { Group = options.Group, Index = applied, Payload = payload };
        sends.Add(new(NodeId.None, message, _requestId));
    }

    /// <summary>The link did not take it.</summary>
    public void NotSent(string requestId)
    {
        if (requestId != _requestId)
        {
            return;
        }
        Fail($"{requestId} was not sent");
        _isDemanded = true;
    }

    /// <summary>
    /// A node did not take it; one that is not of this cluster yet, or no more, says nothing.
    /// </summary>
    public void Refused(ConsensusRefused refused)
    {
        var isAboutNode = refused.Reason is ConsensusRefusal.NotLeader or ConsensusRefusal.OtherLog;
        if (refused.RequestId != _requestId || isAboutNode)
        {
            return;
        }
        Fail($"{refused.RequestId} was refused ({refused.Reason}): {refused.Message}");
        _isDemanded |= refused.Reason == ConsensusRefusal.Overloaded;
    }

    /// <summary>A later one that nobody refused ends the problem.</summary>
    public void Settle(long now)
    {
        if (!_hasFailed && now - _sentAt >= options.ResendMilliseconds)
        {
            Problem = "";
        }
    }

    private void Fail(string why)
    {
        _hasFailed = true;
        Problem = $"snapshots do not cut the log of {options.Group}: {why}";
    }
}

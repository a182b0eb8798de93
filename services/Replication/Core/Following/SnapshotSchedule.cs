using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// When to give the nodes a snapshot, each of which cuts its own log with it: after so many entries, at an
/// index that is the same on every replica; when the entries since the last have many bytes; and whenever the
/// log is full, because no further index would ever come. It is taken there, and leaves when another replica
/// has told the same digest, or when there is nobody to tell; a full log takes no reports and does not wait.
/// Nobody confirms one, so what goes wrong with it is a problem to be told: a log that is not cut is full one
/// day.
/// </summary>
internal sealed class SnapshotSchedule(ReplicaOptions options)
{
    /// <summary>After one that failed: each costs a whole state.</summary>
    public const long RetryMilliseconds = 10_000;

    /// <summary>Another replica that is there has so long to tell what it has.</summary>
    public const long UnconfirmedMilliseconds = 10_000;

    private bool _isDemanded;
    private Candidate? _candidate;
    private LogIndex _last;
    private long _bytes;
    private bool _hasFailed;
    private bool _isDisputed;

    /// <summary>
    /// Why the last snapshot cut no log, or not every node's; empty when all is well. Outlives the attempt
    /// after it until that one has stayed without a refusal.
    /// </summary>
    public string Problem { get; private set; } = "";

    /// <summary>The last that left without a second digest; zero when there was none.</summary>
    public LogIndex UnconfirmedIndex { get; private set; }

    private bool IsCompared => options.DigestEveryEntries > 0;

    public void Count(LogEntry applied) => _bytes += applied.Payload.Length;

    /// <summary>True when a snapshot is due after this entry, if digests are looked at there.</summary>
    public bool IsDueAfter(LogIndex applied)
    {
        var every = options.SnapshotEveryEntries;
        // One that waits for its confirmation is not given up for a newer: that would never get its own.
        return _candidate is not { SentAt: null }
            && ((every > 0 && applied.Value / every > _last.Value / every)
            || (options.SnapshotEveryBytes > 0 && _bytes >= options.SnapshotEveryBytes));
    }

    /// <summary>The machine came from a snapshot: that one is the last.</summary>
    public void Restored(LogIndex index) => (_bytes, _last, _candidate) = (0, index, null);

    public void LogFull() => _isDemanded = true;

    public void Take(long now, LogIndex index, byte[] image, ulong digest)
    {
        (_bytes, _last) = (0, index);
        _candidate = new(index, image, digest) { TakenAt = now };
    }

    /// <summary>
    /// True when a full log asks for one now; not more often than requests are sent again.
    /// </summary>
    public bool IsDemanded(long now, LogIndex applied) =>
        _isDemanded && !_isDisputed && applied > LogIndex.Zero && _candidate is not { SentAt: null }
        && (_candidate is not { } sent || now - sent.SentAt >= options.ResendMilliseconds);

    public void Drive(
        long now, NodeId leader, Func<LogIndex, ulong, Comparison> compare, List<ReplicaSend> sends)
    {
        Settle(now);
        if (_candidate is not { } candidate || leader.IsNone)
        {
            return;
        }
        if (candidate.SentAt is { } sentAt)
        {
            if (candidate.IsRepeated && now - sentAt >= RetryMilliseconds)
            {
                Send(now, candidate, sends);
            }
            return;
        }
        var comparison = IsCompared ? compare(candidate.Index, candidate.Digest) : Comparison.Agreed;
        _isDisputed = comparison is Comparison.Disputed or Comparison.Differs;
        if (_isDisputed)
        {
            _candidate = null;
            Fail($"the state after entry {candidate.Index} is {candidate.Digest:x16} here and another on "
                + "another replica, and no third has told");
        }
        else if (comparison is Comparison.Agreed or Comparison.Alone || _isDemanded
            || now - candidate.TakenAt >= UnconfirmedMilliseconds)
        {
            UnconfirmedIndex = comparison == Comparison.Waiting ? candidate.Index : UnconfirmedIndex;
            Send(now, candidate, sends);
        }
    }

    /// <summary>When something is due by itself; later than now.</summary>
    public long NextDeadline(long now, NodeId leader, LogIndex applied)
    {
        if (leader.IsNone)
        {
            return long.MaxValue;
        }
        var deadline = _candidate switch
        {
            { SentAt: null } waiting => waiting.TakenAt + UnconfirmedMilliseconds,
            { IsRepeated: true, SentAt: { } sentAt } => sentAt + RetryMilliseconds,
            { SentAt: { } sentAt } when _isDemanded && applied > LogIndex.Zero =>
                sentAt + options.ResendMilliseconds,
            _ => long.MaxValue,
        };
        return deadline == long.MaxValue ? deadline : Math.Max(now + 1, deadline);
    }

    /// <summary>The link did not take it.</summary>
    public void NotSent(string requestId)
    {
        if (requestId != _candidate?.RequestId)
        {
            return;
        }
        Fail($"{requestId} was not sent");
        _candidate.IsRepeated = true;
    }

    /// <summary>
    /// A node did not take it; one that is not of this cluster yet, or no more, says nothing.
    /// </summary>
    public void Refused(ConsensusRefused refused)
    {
        var isAboutNode = refused.Reason is ConsensusRefusal.NotLeader or ConsensusRefusal.OtherLog;
        if (refused.RequestId != _candidate?.RequestId || isAboutNode)
        {
            return;
        }
        Fail($"{refused.RequestId} was refused ({refused.Reason}): {refused.Message}");
        _candidate.IsRepeated |= refused.Reason == ConsensusRefusal.Overloaded;
    }

    private void Send(long now, Candidate candidate, List<ReplicaSend> sends)
    {
        (_isDemanded, _hasFailed) = (false, false);
        (candidate.SentAt, candidate.IsRepeated) = (now, false);
        if (SnapshotEnvelope.TryWrite(candidate.Image) is not { } payload)
        {
            Fail($"the machine's {candidate.Image.Length} bytes at {candidate.Index} are too many: "
                + $"compressed, {LogEntry.LargestPayloadBytes} can be handed on");
            return;
        }
        var message = new StoreSnapshot { Group = options.Group, Index = candidate.Index, Payload = payload };
        sends.Add(new(NodeId.None, message, candidate.RequestId));
    }

    /// <summary>A later one that nobody refused ends the problem.</summary>
    private void Settle(long now)
    {
        if (_candidate is { SentAt: { } sentAt } && !_hasFailed && now - sentAt >= options.ResendMilliseconds)
        {
            (Problem, _candidate) = ("", null);
        }
    }

    private void Fail(string why)
    {
        _hasFailed = true;
        Problem = $"snapshots do not cut the log of {options.Group}: {why}";
    }

    /// <summary>A state that waits for its confirmation, or for what the nodes say to it.</summary>
    private sealed record Candidate(LogIndex Index, byte[] Image, ulong Digest)
    {
        public required long TakenAt { get; init; }

        public long? SentAt { get; set; }

        public bool IsRepeated { get; set; }

        public string RequestId => $"s{Index}";
    }
}

using System.Text;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// When a tick is due: as soon as the machine's deadline has passed by the estimated log time (the last
/// entry's, plus the local time since it came), and each second while there is a deadline at all, because a
/// machine counts 2 s at most between two entries.
/// </summary>
internal sealed class TickSchedule
{
    public const long LongestSilenceMilliseconds = 1_000;

    /// <summary>Between two own ticks, even if the machine keeps naming a deadline that has passed.</summary>
    public const long ShortestMilliseconds = 10;

    private readonly ReplicaOptions _options;
    private readonly long _delay;
    private long _lastEntryAt;
    private long? _sentAt;
    private long _inflight;

    public TickSchedule(ReplicaOptions options)
    {
        _options = options;
        // Replicas hear an entry at about the same time; each adds its own fixed delay, so that the first
        // one's tick is there before the others propose theirs.
        var digest = StateDigest.Of(Encoding.UTF8.GetBytes(options.Origin));
        _delay = (long)((digest ^ (digest >> 32)) % (ulong)(options.TickSlackMilliseconds + 1));
    }

    public void EntryApplied(long now) => _lastEntryAt = now;

    public void Settle(long number)
    {
        if (number == _inflight)
        {
            _inflight = 0;
        }
    }

    /// <summary>A new leader or connection: the tick in flight may be lost.</summary>
    public void Forget() => _inflight = 0;

    /// <summary>When to propose the next tick; never without a deadline.</summary>
    public long DueAt(long machineTime, long? machineDeadline)
    {
        if (machineDeadline is not { } deadline)
        {
            return long.MaxValue;
        }
        var wait = deadline <= machineTime ? 0
            : deadline >= machineTime + LongestSilenceMilliseconds ? LongestSilenceMilliseconds
            : deadline - machineTime;
        var dueAt = _lastEntryAt + wait + _delay;
        return _sentAt is not { } sentAt ? dueAt
            : Math.Max(dueAt, sentAt + (_inflight == 0 ? ShortestMilliseconds : _options.ResendMilliseconds));
    }

    public void Send(
        long now, NodeId leader, long machineTime, long? machineDeadline, Func<long> takeNumber,
        List<ReplicaSend> sends)
    {
        if (now < DueAt(machineTime, machineDeadline))
        {
            return;
        }
        _sentAt = now;
        _inflight = takeNumber();
        var envelope = new EntryEnvelope
        {
            Origin = _options.Origin,
            Number = _inflight,
            IssuedAt = machineTime,
        };
        var requestId = $"t{_inflight}";
        var message = new ProposeEntries
        {
            Group = _options.Group,
            ProposalId = requestId,
            Payloads = [envelope.Write()],
        };
        sends.Add(new(leader, message, requestId));
    }
}

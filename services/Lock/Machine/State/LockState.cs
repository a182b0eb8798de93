using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>Everything the machine remembers; a snapshot is exactly this.</summary>
internal sealed class LockState
{
    /// <summary>Epochs, like tokens, stay exact in Lua and JavaScript.</summary>
    public const long MaxEpoch = FencingToken.MaxValue;

    /// <summary>No queue holds so many copies of verdicts.</summary>
    private const int MostCrashes = 4_096;

    public required MachineClock Clock { get; init; }

    /// <summary>Null until the group is founded.</summary>
    public Genesis? Genesis { get; set; }

    /// <summary>Raised by every restoration: what was read under another one is of another life.</summary>
    public long Epoch { get; set; } = Genesis.FirstEpoch;

    public LogIndex LastIndex { get; set; }

    /// <summary>The newest token, of whatever name; starts at the floor.</summary>
    public long LastToken { get; set; }

    public long LastTicket { get; set; }

    public SessionTable Sessions { get; init; } = new();

    public LockTable Locks { get; init; } = new();

    /// <summary>Verdicts on crashed nodes that were taken lately.</summary>
    public MarkWindow<KeptCrash, (long Epoch, long Number)> Crashes { get; init; } =
        new(mark => (mark.Epoch, mark.Number), mark => mark.KeptUntil, MostCrashes);

    /// <summary>Results of commands without a sequence number.</summary>
    public required CommandIdWindow<StoredAnswer> Answers { get; set; }

    public Outbox<LockEvent, LockReply> Outbox { get; } = new();

    public EventRing<LockEvent> Events { get; } = new();

    public RestorationWindow Restorations { get; init; } = new();

    public LockLimits Limits => Genesis?.Limits ?? LockLimits.Default;

    /// <summary>
    /// How fresh an answer from this state is; it was read linearizably unless the reader says otherwise.
    /// </summary>
    public Freshness Freshness =>
        new() { ClusterId = Genesis?.ClusterId ?? "", Epoch = Epoch, Index = LastIndex };

    /// <summary>The greatest time from a session's last renewal to its locks' next grants.</summary>
    public TakeoverTime TakeoverOf(Session session)
    {
        var bounds = Genesis?.Takeover ?? TakeoverBounds.Default;
        return new()
        {
            TtlMilliseconds = session.TtlMilliseconds,
            LockDelayMilliseconds = session.LockDelayMilliseconds,
            TickMilliseconds = bounds.TickMilliseconds,
            ElectionMilliseconds = bounds.ElectionMilliseconds,
            CommitMilliseconds = bounds.CommitMilliseconds,
            TotalMilliseconds = session.TtlMilliseconds + session.LockDelayMilliseconds
                + bounds.TickMilliseconds + bounds.ElectionMilliseconds + bounds.CommitMilliseconds,
        };
    }

    public FencingToken NextToken() =>
        LastToken < FencingToken.MaxValue
            ? new FencingToken(++LastToken)
            : throw new InvalidOperationException("The group has used up its fencing tokens.");
}

/// <summary>
/// What a command was answered, for its duplicates. A waiting acquire's is replaced when its wait ends.
/// </summary>
internal sealed record StoredAnswer(string CommandId, CommandSubject Subject, LockReply Reply);

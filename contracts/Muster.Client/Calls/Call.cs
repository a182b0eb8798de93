namespace Muster.Client;

internal enum CallState
{
    /// <summary>Answered, timed out or given up.</summary>
    Closed,

    /// <summary>Waits for its answer, or for the link.</summary>
    Open,

    /// <summary>In line for the next batch.</summary>
    Ready,

    /// <summary>Answered "queued": nothing to send again until a heartbeat's answer says so.</summary>
    Resting,
}

/// <summary>
/// One command from its first sending to its answer, always under one id and sequence number.
/// </summary>
internal abstract class Call
{
    public required string Id { get; init; }

    /// <summary>Null for commands without a session.</summary>
    public Session? Session { get; init; }

    /// <summary>What its caller put into the command, as JSON; bounds the batches.</summary>
    public int Bytes { get; init; }

    /// <summary>The caller's span, as W3C has it; null: not traced.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Null: sent again until answered or closed.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Until then, in the clock's time, its time-out does not count while the link is down, and counts anew
    /// from when the link is back. Null: it counts.
    /// </summary>
    public TimeSpan? OutlastsOutagesUntil { get; init; }

    /// <summary>
    /// Nothing is sent any more once this is so, whatever the timers say; it has timed out.
    /// </summary>
    public Func<bool>? IsOver { get; init; }

    public Action? OnTimeout { get; init; }

    /// <summary>The client closes before the answer is here.</summary>
    public Action? OnClose { get; init; }

    public long? Sequence { get; set; }

    public TimeSpan EnteredAt { get; set; }

    /// <summary>Taken before the first sending. Null: the service cannot have seen the command.</summary>
    public Stamp? FirstSentAt { get; set; }

    /// <summary>How often it was sent.</summary>
    public int Sendings { get; set; }

    public CallState State { get; set; }

    public SentBatch? Batch { get; set; }

    public Due? Due { get; set; }
}

/// <summary>A call of one of the services.</summary>
internal sealed class Call<TCommand, TReply> : Call
{
    /// <summary>Builds the command as of now: "answered below" moves on between sendings.</summary>
    public required Func<Call, TCommand> Command { get; init; }

    public required Action<TReply> OnAnswer { get; init; }
}

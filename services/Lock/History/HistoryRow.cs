using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.History;

/// <summary>An entry of the history as the table has it; its columns are named as these properties.</summary>
internal sealed record HistoryRow
{
    /// <summary>Of the log entry.</summary>
    public long Entry { get; init; }

    public int Ordinal { get; init; }

    public LockHistoryKind Kind { get; init; }

    public string Cause { get; init; } = "";

    public long LogTime { get; init; }

    /// <summary>UTC milliseconds.</summary>
    public long At { get; init; }

    public bool IsLate { get; init; }

    public string Name { get; init; } = "";

    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    public string AcquireId { get; init; } = "";

    public string Flow { get; init; } = "";

    public LockMode Mode { get; init; }

    public int Permits { get; init; }

    public bool IsUpgrade { get; init; }

    public long Token { get; init; }

    public long? Duration { get; init; }

    public int Ahead { get; init; }

    public string CommandId { get; init; } = "";

    public string Reason { get; init; } = "";

    public long? Ttl { get; init; }

    public long? SinceRenewal { get; init; }

    /// <summary>About the most that it takes of a message, in characters.</summary>
    public int Size => 600 + (2 * (Owner.Length + SessionId.Length + Reason.Length + CommandId.Length))
        + Name.Length + AcquireId.Length + Flow.Length;

    /// <summary>One row for each name.</summary>
    public static IEnumerable<HistoryRow> Of(HistoryItem item) => item.Fact.Names.Count == 0
        ? [Of(item, 0, "")]
        : item.Fact.Names.Select((name, place) => Of(item, place, name));

    public LockHistoryEntry ToEntry() => new()
    {
        Index = new LogIndex(Entry),
        Ordinal = Ordinal,
        Kind = Kind,
        Cause = Cause,
        Explanation = Explanations.Of(this),
        LogTime = LogTime,
        At = DateTimeOffset.FromUnixTimeMilliseconds(At),
        IsLate = IsLate,
        Name = Name,
        SessionId = SessionId,
        Owner = Owner,
        AcquireId = AcquireId,
        Flow = Flow,
        Mode = Mode,
        Permits = Permits,
        IsUpgrade = IsUpgrade,
        FencingToken = new FencingToken(Token),
        DurationMilliseconds = Duration,
        Ahead = Ahead,
        CommandId = CommandId,
        Reason = Reason,
        TtlMilliseconds = Ttl,
        SinceRenewalMilliseconds = SinceRenewal,
    };

    private static HistoryRow Of(HistoryItem item, int place, string name) => new()
    {
        Entry = item.Index,
        Ordinal = item.Ordinal + place,
        Kind = item.Fact.Kind,
        Cause = item.Fact.Cause,
        LogTime = item.Fact.Time,
        At = item.At,
        IsLate = item.IsLate,
        Name = name,
        SessionId = item.Fact.SessionId,
        Owner = item.Fact.Owner,
        AcquireId = item.Fact.AcquireId,
        Flow = item.Fact.Flow,
        Mode = item.Fact.Mode,
        Permits = item.Fact.Permits,
        IsUpgrade = item.Fact.IsUpgrade,
        Token = item.Fact.Token.Value,
        Duration = item.Fact.DurationMilliseconds,
        Ahead = item.Fact.Ahead,
        CommandId = item.Fact.CommandId,
        Reason = item.Fact.Reason,
        Ttl = item.Fact.TtlMilliseconds,
        SinceRenewal = item.Fact.SinceRenewalMilliseconds,
    };
}

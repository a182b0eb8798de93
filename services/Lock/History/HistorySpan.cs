using Muster.Contracts.Lock;
using Muster.Lock.Machine;

namespace Muster.Lock.History;

/// <summary>One fact on its way to the file.</summary>
/// <param name="Index">Of the log entry.</param>
/// <param name="Ordinal">Of its first name within the entry.</param>
/// <param name="Fact">What happened.</param>
/// <param name="At">UTC milliseconds at which this replica applied it.</param>
/// <param name="IsLate">It was behind the log then.</param>
internal readonly record struct HistoryItem(long Index, int Ordinal, LockFact Fact, long At, bool IsLate);

/// <summary>Entries of which nothing is known; <paramref name="To"/> is the last.</summary>
internal sealed record HistoryGap(long From, long To, LockHistoryGapCause Cause, long At)
{
    public bool Has(long entry) => entry >= From && entry <= To;
}

/// <summary>What a replica has applied of one log since it was last written down.</summary>
internal sealed record HistorySpan
{
    /// <summary>Empty before the first log.</summary>
    public string LogId { get; init; } = "";

    /// <summary>The first entry; 0: none.</summary>
    public long From { get; set; }

    /// <summary>When that was applied, in UTC milliseconds.</summary>
    public long FromAt { get; set; }

    /// <summary>The last entry.</summary>
    public long To { get; set; }

    public List<HistoryItem> Items { get; init; } = [];

    public List<HistoryGap> Gaps { get; init; } = [];

    /// <summary>Of what was written down before, what is to go; of these items none is of it.</summary>
    public List<HistoryGap> Withdrawn { get; init; } = [];

    public bool IsEmpty => From == 0;

    /// <summary>As one of which only the extent is left.</summary>
    public HistorySpan Unwritten(long now) => this with
    {
        Items = [],
        Gaps = IsEmpty ? [] : [new(From, To, LockHistoryGapCause.NotWritten, now)],
    };

    /// <summary>This one and what came after it.</summary>
    public HistorySpan With(HistorySpan next)
    {
        if (IsEmpty || next.LogId != LogId)
        {
            return next;
        }
        if (next.IsEmpty)
        {
            return this;
        }
        var between = next.From > To + 1
            ? [new HistoryGap(To + 1, next.From - 1, LockHistoryGapCause.NotApplied, next.FromAt)]
            : Array.Empty<HistoryGap>();
        return this with
        {
            To = Math.Max(To, next.To),
            Items =
            [
                .. Items.Where(item => !next.Withdrawn.Exists(gap => gap.Has(item.Index))), .. next.Items,
            ],
            Gaps = [.. Gaps, .. between, .. next.Gaps],
            Withdrawn = [.. Withdrawn, .. next.Withdrawn],
        };
    }
}

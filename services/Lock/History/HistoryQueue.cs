using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;

namespace Muster.Lock.History;

/// <summary>
/// Between the loop that applies entries and the writer that stores what they did. Bounded: what has no room
/// is a gap of the history, and the loop never waits.
/// </summary>
/// <param name="capacity">Facts that wait at most.</param>
internal sealed class HistoryQueue(int capacity)
{
    private readonly System.Threading.Lock _gate = new();
    private HistorySpan _span = new();
    private HistoryGap? _dropped;

    /// <summary>Entries of this log follow; what waits of another one is worth nothing.</summary>
    public void Begin(string logId)
    {
        lock (_gate)
        {
            _span = new() { LogId = logId };
            _dropped = null;
        }
    }

    /// <param name="index">Of the entry.</param>
    /// <param name="facts">What it did; not kept.</param>
    /// <param name="isRestoration">It put a backup in the place of the state.</param>
    /// <param name="at">UTC milliseconds now.</param>
    /// <param name="isLate">The replica is behind the log.</param>
    public void Add(LogIndex index, IReadOnlyList<LockFact> facts, bool isRestoration, long at, bool isLate)
    {
        lock (_gate)
        {
            var entry = index.Value;
            if (_span.IsEmpty)
            {
                (_span.From, _span.FromAt) = (entry, at);
            }
            else if (entry > _span.To + 1)
            {
                _span.Gaps.Add(new(_span.To + 1, entry - 1, LockHistoryGapCause.NotApplied, at));
            }
            _span.To = entry;
            if (isRestoration)
            {
                _span.Gaps.Add(new(entry, entry, LockHistoryGapCause.Restored, at));
            }
            if (facts.Count > 0)
            {
                Add(entry, facts, at, isLate);
            }
        }
    }

    /// <summary>What these entries did was of a state that is no more.</summary>
    /// <param name="from">The refused one.</param>
    /// <param name="to">The last that was added.</param>
    /// <param name="at">UTC milliseconds now.</param>
    public void Withdraw(LogIndex from, LogIndex to, long at)
    {
        lock (_gate)
        {
            if (_span.IsEmpty)
            {
                (_span.From, _span.To, _span.FromAt) = (to.Value, to.Value, at);
            }
            var gap = new HistoryGap(from.Value, to.Value, LockHistoryGapCause.Refused, at);
            _span.Items.RemoveAll(item => gap.Has(item.Index));
            _span.Withdrawn.Add(gap);
        }
    }

    /// <summary>All that waits.</summary>
    public HistorySpan Take()
    {
        lock (_gate)
        {
            var taken = _span;
            if (_dropped is { } gap)
            {
                taken.Gaps.Add(gap);
            }
            _span = new() { LogId = taken.LogId };
            _dropped = null;
            return taken;
        }
    }

    /// <summary>All of an entry or nothing; after the first that was dropped nothing until all is taken, so
    /// that it is one gap.</summary>
    private void Add(long entry, IReadOnlyList<LockFact> facts, long at, bool isLate)
    {
        if (_dropped is not null || facts.Count > capacity - _span.Items.Count)
        {
            _dropped = new(_dropped?.From ?? entry, entry, LockHistoryGapCause.TooMuch, at);
            return;
        }
        var ordinal = 0;
        foreach (var fact in facts)
        {
            _span.Items.Add(new(entry, ordinal, fact, at, isLate));
            ordinal += Math.Max(1, fact.Names.Count);
        }
    }
}

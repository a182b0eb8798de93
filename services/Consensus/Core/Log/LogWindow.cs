using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// The entries a node keeps, after a base whose index and term are known. Indexes are dense and terms never
/// fall, so the places where a term begins are found by bisection.
/// </summary>
internal sealed class LogWindow(LogIndex baseIndex, Term baseTerm)
{
    /// <summary>
    /// Counted for each entry beside its payload, so that limits in bytes also bound the number of entries.
    /// </summary>
    public const int EntryOverhead = 64;

    private readonly List<LogEntry> entries = [];

    public LogIndex BaseIndex { get; private set; } = baseIndex;

    public Term BaseTerm { get; private set; } = baseTerm;

    public LogIndex FirstIndex => BaseIndex.Next();

    public LogIndex LastIndex => BaseIndex + entries.Count;

    public Term LastTerm => entries.Count == 0 ? BaseTerm : entries[^1].Term;

    public LogEntry this[LogIndex index] => entries[Offset(index)];

    public static long SizeOf(LogEntry entry) => entry.Payload.Length + EntryOverhead;

    /// <summary>
    /// Whether the term at this index is known: the base counts, what lies before it does not.
    /// </summary>
    public bool Knows(LogIndex index) => index >= BaseIndex && index <= LastIndex;

    public Term TermAt(LogIndex index) => index == BaseIndex ? BaseTerm : entries[Offset(index)].Term;

    public bool Matches(LogIndex index, Term term) => Knows(index) && TermAt(index) == term;

    public void Append(LogEntry entry)
    {
        if (entry.Index != LastIndex.Next() || entry.Term < LastTerm)
            throw new InvalidOperationException(
                $"Entry {entry.Index} of term {entry.Term} does not follow {LastIndex} of term {LastTerm}.");
        entries.Add(entry);
    }

    public void TruncateFrom(LogIndex index) =>
        entries.RemoveRange(Offset(index), (int)(LastIndex - index) + 1);

    /// <summary>Forgets everything up to and including the index, which becomes the base.</summary>
    public void CutUpTo(LogIndex index)
    {
        if (index <= BaseIndex) return;
        var term = TermAt(index);
        entries.RemoveRange(0, (int)(index - BaseIndex));
        (BaseIndex, BaseTerm) = (index, term);
    }

    /// <summary>Forgets every entry and goes on after the given base.</summary>
    public void Reset(LogIndex index, Term term)
    {
        entries.Clear();
        (BaseIndex, BaseTerm) = (index, term);
    }

    /// <summary>The entries of a range, both ends included.</summary>
    public IReadOnlyList<LogEntry> Range(LogIndex from, LogIndex to) =>
        from > to ? [] : entries.GetRange(Offset(from), (int)(to - from) + 1);

    /// <summary>
    /// Entries from an index on, not after the last given, at most so many bytes but at least one.
    /// </summary>
    public IReadOnlyList<LogEntry> Batch(LogIndex from, LogIndex last, long maxBytes)
    {
        if (from > last) return [];
        var to = from;
        var bytes = SizeOf(this[from]);
        while (to < last && (bytes += SizeOf(this[to.Next()])) <= maxBytes) to = to.Next();
        return Range(from, to);
    }

    /// <summary>
    /// The first kept index whose term is at least this; the index after the last when there is none.
    /// </summary>
    public LogIndex FirstIndexOfTermAtLeast(Term term)
    {
        var (low, high) = (0, entries.Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (entries[middle].Term < term) low = middle + 1;
            else high = middle;
        }

        return FirstIndex + low;
    }

    private int Offset(LogIndex index) => checked((int)(index - BaseIndex - 1));
}

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

    private const int LargestRow = 1000;
    private const int PageBytes = 4096;

    private readonly List<LogEntry> entries = [];

    public LogIndex BaseIndex { get; private set; } = baseIndex;

    public Term BaseTerm { get; private set; } = baseTerm;

    /// <summary>
    /// What the kept entries take: all of them are in memory, on disk, and read at a start.
    /// </summary>
    public long Bytes { get; private set; }

    public LogIndex FirstIndex => BaseIndex.Next();

    public LogIndex LastIndex => BaseIndex + entries.Count;

    public Term LastTerm => entries.Count == 0 ? BaseTerm : entries[^1].Term;

    public LogEntry this[LogIndex index] => entries[Offset(index)];

    public static long SizeOf(LogEntry entry) => entry.Payload.Length + EntryOverhead;

    /// <summary>
    /// What is counted for a kept entry. On disk a row of more than a quarter of a page has its rest in pages
    /// of its own, of which the last may be empty but for a byte.
    /// </summary>
    public static long KeptSizeOf(int payloadBytes)
    {
        var row = (long)payloadBytes + EntryOverhead;
        return row <= LargestRow ? row : row + PageBytes;
    }

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
        Bytes += KeptSizeOf(entry);
    }

    public void TruncateFrom(LogIndex index) => Remove(Offset(index), (int)(LastIndex - index) + 1);

    /// <summary>Forgets everything up to and including the index, which becomes the base.</summary>
    public void CutUpTo(LogIndex index)
    {
        if (index <= BaseIndex) return;
        var term = TermAt(index);
        Remove(0, (int)(index - BaseIndex));
        (BaseIndex, BaseTerm) = (index, term);
    }

    /// <summary>Forgets every entry and goes on after the given base.</summary>
    public void Reset(LogIndex index, Term term)
    {
        Remove(0, entries.Count);
        (BaseIndex, BaseTerm) = (index, term);
    }

    /// <summary>
    /// The base that keeps, of what ends with the index, no more than both limits allow.
    /// </summary>
    public LogIndex BaseOfTail(LogIndex index, long maxEntries, long maxBytes)
    {
        var (tail, left) = (index, maxBytes);
        while (tail > BaseIndex && index - tail < maxEntries && (left -= KeptSizeOf(this[tail])) >= 0)
            tail = tail.Previous();
        return tail;
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

    private static long KeptSizeOf(LogEntry entry) => KeptSizeOf(entry.Payload.Length);

    private void Remove(int first, int count)
    {
        for (var i = first; i < first + count; i++) Bytes -= KeptSizeOf(entries[i]);
        entries.RemoveRange(first, count);
    }

    private int Offset(LogIndex index) => checked((int)(index - BaseIndex - 1));
}

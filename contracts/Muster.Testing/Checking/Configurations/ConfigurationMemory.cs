namespace Muster.Testing;

/// <summary>
/// The configurations a search has been in: which operations of known outcome are in the order, the state,
/// and which of unknown outcome were used. One that has used more than another that is the same otherwise
/// can do nothing that the other cannot, so it counts as seen.
/// </summary>
/// <remarks>
/// A hash table of chains whose entries stand in chunks of words, without an object each: millions are
/// usual. An entry is its link, its lengths, the words of its head and window, and the words of what it
/// used.
/// </remarks>
internal sealed class ConfigurationMemory
{
    private const int ChunkBits = 13;
    private const int ChunkWords = 1 << ChunkBits;
    private const int FirstChunkWords = 256;
    private const int FirstBuckets = 64;
    // Of an entry before its words: link and lengths.
    private const int Prefix = 2;

    private readonly List<ulong[]> _chunks = [];
    // An entry's place plus one; 0: none. The place is the chunk's number and the word in it.
    private int[] _buckets = new int[FirstBuckets];
    private int _used = ChunkWords;
    private int _count;

    public long Bytes { get; private set; } = sizeof(int) * FirstBuckets;

    /// <summary>False when it was there, or one that can do at least as much.</summary>
    public bool TryAdd(ulong head, ReadOnlySpan<ulong> window, ReadOnlySpan<ulong> used)
    {
        var bucket = (int)(Hash(head, window) & (uint)(_buckets.Length - 1));
        for (var link = _buckets[bucket]; link != 0;)
        {
            var entry = EntryAt(link);
            if (entry[Prefix] == head && WindowOf(entry).SequenceEqual(window)
                && IsWithin(UsedOf(entry), used))
            {
                return false;
            }
            link = (int)entry[0];
        }
        if (_count == _buckets.Length)
        {
            Grow();
            bucket = (int)(Hash(head, window) & (uint)(_buckets.Length - 1));
        }
        _buckets[bucket] = Append(_buckets[bucket], head, window, used);
        _count++;
        return true;
    }

    private int Append(int link, ulong head, ReadOnlySpan<ulong> window, ReadOnlySpan<ulong> used)
    {
        var words = Prefix + 1 + window.Length + used.Length;
        if (_chunks.Count == 0 || _used + words > _chunks[^1].Length)
        {
            // Small at first: most keys are decided with few.
            var length = Math.Min(ChunkWords, FirstChunkWords << Math.Min(_chunks.Count, ChunkBits));
            _chunks.Add(new ulong[Math.Max(length, words)]);
            _used = 0;
            Bytes += sizeof(ulong) * _chunks[^1].Length;
        }
        var place = checked((int)(((long)(_chunks.Count - 1) << ChunkBits) + _used));
        var entry = _chunks[^1].AsSpan(_used, words);
        entry[0] = (uint)link;
        entry[1] = (uint)window.Length | (ulong)used.Length << 32;
        entry[Prefix] = head;
        window.CopyTo(entry[(Prefix + 1)..]);
        used.CopyTo(entry[(Prefix + 1 + window.Length)..]);
        _used += words;
        return place + 1;
    }

    private void Grow()
    {
        var buckets = new int[_buckets.Length * 2];
        foreach (var first in _buckets)
        {
            for (var link = first; link != 0;)
            {
                var entry = EntryAt(link);
                var bucket = (int)(Hash(entry[Prefix], WindowOf(entry)) & (uint)(buckets.Length - 1));
                var rest = (int)entry[0];
                entry[0] = (uint)buckets[bucket];
                buckets[bucket] = link;
                link = rest;
            }
        }
        Bytes += sizeof(int) * (buckets.Length - _buckets.Length);
        _buckets = buckets;
    }

    private Span<ulong> EntryAt(int link) =>
        _chunks[(link - 1) >> ChunkBits].AsSpan((link - 1) & (ChunkWords - 1));

    private static ReadOnlySpan<ulong> WindowOf(ReadOnlySpan<ulong> entry) =>
        entry.Slice(Prefix + 1, (int)(uint)entry[1]);

    private static ReadOnlySpan<ulong> UsedOf(ReadOnlySpan<ulong> entry) =>
        entry.Slice(Prefix + 1 + (int)(uint)entry[1], (int)(entry[1] >> 32));

    private static bool IsWithin(ReadOnlySpan<ulong> some, ReadOnlySpan<ulong> all)
    {
        if (some.Length > all.Length)
        {
            return false;
        }
        for (var word = 0; word < some.Length; word++)
        {
            if ((some[word] & ~all[word]) != 0)
            {
                return false;
            }
        }
        return true;
    }

    private static ulong Hash(ulong head, ReadOnlySpan<ulong> window)
    {
        var hash = Mix(head);
        foreach (var word in window)
        {
            hash = Mix(hash ^ word);
        }
        return hash;
    }

    private static ulong Mix(ulong word)
    {
        word = unchecked((word ^ (word >> 32)) * 0xD6E8FEB86659FD93UL);
        return word ^ (word >> 32);
    }
}

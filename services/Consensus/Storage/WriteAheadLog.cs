using System.Buffers.Binary;

namespace Muster.Consensus.Storage;

/// <summary>
/// SQLite ends its recovery at the first frame of the write-ahead log that does not bear its checksum, and
/// says nothing of what comes after it: the file would go back in time as a whole, its votes too. This
/// counts the transactions beyond such a frame. Format: sqlite.org/fileformat2.html, section 4.
/// </summary>
internal static class WriteAheadLog
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint Magic = 0x377F0682; // or one more: the checksums' words are big-endian

    /// <summary>
    /// Committed transactions behind the first bad frame. One may be the last one, torn by a crash, of which
    /// nobody was told; each was synced before the next began, so more cannot be.
    /// </summary>
    public static int CommitsBehindDamage(string file)
    {
        if (!File.Exists(file)) return 0;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = new byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes) return 0;
        var magic = Word(header, 0, isBig: true);
        var pageBytes = Word(header, 8, isBig: true);
        var isBig = (magic & 1) == 1;
        var sum = Add((0, 0), header.AsSpan(0, 24), isBig);
        var isGoodHeader = (magic & ~1u) == Magic
            && sum == (Word(header, 24, isBig: true), Word(header, 28, isBig: true));
        // SQLite takes nothing of it then. The header is written and synced alone, so no crash tears it.
        if (!isGoodHeader) return stream.Length > HeaderBytes + FrameHeaderBytes ? int.MaxValue : 0;

        var isWhole = true;
        var frame = new byte[FrameHeaderBytes + pageBytes];
        var lost = 0;
        while (stream.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length)
        {
            // Frames of an earlier round through the file have other salts.
            if (!frame.AsSpan(8, 8).SequenceEqual(header.AsSpan(16, 8)))
            {
                isWhole = false;
                continue;
            }
            sum = Add(Add(sum, frame.AsSpan(0, 8), isBig), frame.AsSpan(FrameHeaderBytes), isBig);
            isWhole &= sum == (Word(frame, 16, isBig: true), Word(frame, 20, isBig: true));
            var isCommit = Word(frame, 4, isBig: true) != 0;
            if (!isWhole && isCommit) lost++;
        }
        return lost;
    }

    private static (uint First, uint Second) Add(
        (uint First, uint Second) sum, ReadOnlySpan<byte> bytes, bool isBig)
    {
        unchecked
        {
            for (var at = 0; at < bytes.Length; at += 8)
            {
                sum.First += Word(bytes, at, isBig) + sum.Second;
                sum.Second += Word(bytes, at + 4, isBig) + sum.First;
            }
        }
        return sum;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at, bool isBig) => isBig
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..])
        : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}

using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Muster.Consensus.Storage;

/// <summary>
/// XXH3 with 64 bits over everything that a row says: its group and numbers (8 bytes each, little endian),
/// and then its bytes. SQLite checks the form of its pages, not their content.
/// </summary>
internal static class Checksum
{
    /// <summary>Of more it is computed piece by piece, which takes longer for a little.</summary>
    private const int AtOnceBytes = 1024;

    public static long Of(
        string group, ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes = default,
        ReadOnlySpan<byte> more = default)
    {
        Span<byte> head = stackalloc byte[AtOnceBytes];
        var size = Encoding.UTF8.GetBytes(group, head);
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head[size..], number);
            size += sizeof(long);
        }
        return unchecked((long)(bytes.Length + more.Length <= AtOnceBytes - size
            ? AtOnce(head, size, bytes, more)
            : ByPieces(head[..size], bytes, more)));
    }

    private static ulong AtOnce(
        Span<byte> all, int size, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more)
    {
        bytes.CopyTo(all[size..]);
        more.CopyTo(all[(size + bytes.Length)..]);
        return XxHash3.HashToUInt64(all[..(size + bytes.Length + more.Length)]);
    }

    private static ulong ByPieces(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more)
    {
        var hash = new XxHash3();
        hash.Append(head);
        hash.Append(bytes);
        hash.Append(more);
        return hash.GetCurrentHashAsUInt64();
    }
}

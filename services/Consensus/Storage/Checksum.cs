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
    // A full log is a million rows to check at a start: a hash for each was most of the garbage.
    [ThreadStatic]
    private static XxHash3? _hash;

    public static long Of(
        string group, ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes = default,
        ReadOnlySpan<byte> more = default)
    {
        var hash = _hash ??= new XxHash3();
        Span<byte> text = stackalloc byte[256];
        hash.Append(Encoding.UTF8.TryGetBytes(group, text, out var length)
            ? text[..length]
            : Encoding.UTF8.GetBytes(group));
        var word = text[..sizeof(long)];
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(word, number);
            hash.Append(word);
        }
        hash.Append(bytes);
        hash.Append(more);
        var sum = unchecked((long)hash.GetCurrentHashAsUInt64());
        hash.Reset();
        return sum;
    }
}

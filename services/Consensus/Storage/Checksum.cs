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
    public static long Of(
        string group, ReadOnlySpan<long> numbers, ReadOnlySpan<byte> bytes = default,
        ReadOnlySpan<byte> more = default)
    {
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes(group));
        Span<byte> word = stackalloc byte[sizeof(long)];
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(word, number);
            hash.Append(word);
        }
        hash.Append(bytes);
        hash.Append(more);
        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }
}

using System.Buffers;
using System.Text;

namespace Muster.Replication.Core;

/// <summary>
/// Writes a machine's state as bytes without names, the same for the same calls on every machine: numbers as
/// LEB128 of their 64 bits (seven a byte, the lowest first), texts and parts as their length and their bytes
/// (UTF-8). Read by <see cref="StateReader"/> in the same order.
/// </summary>
public sealed class StateWriter
{
    private const int LongestNumber = 10;

    private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    /// <summary>A negative one takes ten bytes.</summary>
    public void Number(long value)
    {
        var span = _bytes.GetSpan(LongestNumber);
        var (left, at) = (unchecked((ulong)value), 0);
        for (; left >= 0x80; left >>= 7)
        {
            span[at++] = (byte)(left | 0x80);
        }
        span[at++] = (byte)left;
        _bytes.Advance(at);
    }

    public void Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Number(length);
        _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(length)));
    }

    /// <summary>
    /// A text of which there are few that come again and again: written once, and by its number after that.
    /// </summary>
    public void Known(string text)
    {
        if (_known.TryGetValue(text, out var number))
        {
            Number(number + 1);
            return;
        }
        _known.Add(text, _known.Count);
        Number(0);
        Text(text);
    }

    public void Part(ReadOnlySpan<byte> bytes)
    {
        Number(bytes.Length);
        _bytes.Write(bytes);
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}

using System.Text;

namespace Muster.Replication.Core;

/// <summary>
/// Reads what a <see cref="StateWriter"/> has written. Whatever the bytes are, it ends with a <see
/// cref="FormatException"/> at worst; and what it counts, they may have.
/// </summary>
public ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    // It throws on what is not UTF-8, where the ordinary one would put a mark in its place.
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly List<string> _known = [];
    private ReadOnlySpan<byte> _left = bytes;

    public byte Byte() => Take(1)[0];

    public long Number()
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return unchecked((long)number);
            }
        }
        throw new FormatException("A number of the state has more than ten bytes.");
    }

    /// <summary>A number of things, so that a list of them may be made before they are read.</summary>
    /// <param name="least">Bytes that each of them takes at least.</param>
    public int Count(int least) => Number() is >= 0 and var count && count <= _left.Length / least
        ? (int)count
        : throw new FormatException("The state counts more than it has.");

    public int SmallNumber() => Number() is >= int.MinValue and <= int.MaxValue and var number
        ? (int)number
        : throw new FormatException("A number of the state is too great.");

    public string Text()
    {
        try
        {
            return Strict.GetString(Part());
        }
        catch (DecoderFallbackException broken)
        {
            throw new FormatException("A text of the state is not UTF-8.", broken);
        }
    }

    public string Known()
    {
        var number = Number();
        if (number > 0)
        {
            return number <= _known.Count
                ? _known[(int)(number - 1)]
                : throw new FormatException("The state names a text that it does not have.");
        }
        var text = number == 0 ? Text() : throw new FormatException("A text of the state has no number.");
        _known.Add(text);
        return text;
    }

    public ReadOnlySpan<byte> Part() => Take(Count(least: 1));

    public readonly void End()
    {
        if (!_left.IsEmpty)
        {
            throw new FormatException($"{_left.Length} bytes follow the end of the state.");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _left.Length)
        {
            throw new FormatException("The state ends too early.");
        }
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}

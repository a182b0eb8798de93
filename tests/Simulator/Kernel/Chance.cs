namespace Muster.Simulator;

/// <summary>
/// The only source of chance in a run: SplitMix64 (Steele, Lea, Flood 2014), written out here because the
/// runtime's own generator may change between versions. Each concern draws from a stream of its own, so that
/// a further draw in one place does not change what all others draw.
/// </summary>
internal sealed class Chance(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _seed = seed;
    private ulong _state = seed;

    /// <summary>A stream that depends on the seed and the name alone, not on what was drawn before.</summary>
    public Chance Split(string concern)
    {
        var mixed = _seed;
        foreach (var letter in concern)
        {
            mixed = Mix(mixed + Golden + letter);
        }
        return new Chance(mixed);
    }

    public ulong Next() => Mix(_state += Golden);

    /// <summary>From 0 to one less than the limit.</summary>
    public long Below(long limit) => limit <= 1 ? 0 : (long)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>From the lowest to the highest, both included.</summary>
    public long Between(long lowest, long highest) => lowest + Below(highest - lowest + 1);

    public bool OfThousand(int share) => share > 0 && Below(1000) < share;

    public T Pick<T>(IReadOnlyList<T> items) => items[(int)Below(items.Count)];

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

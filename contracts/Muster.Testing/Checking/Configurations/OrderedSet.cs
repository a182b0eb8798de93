namespace Muster.Testing;

/// <summary>
/// Which operations of known outcome are in the order. All that were invoked before the lowest that is not
/// are, none after the highest: only the words between tell sets apart, however long the history is.
/// </summary>
internal sealed class OrderedSet(int count)
{
    private const int WordBits = 64;

    // One word more, so that the lowest has a place when all are in.
    private readonly ulong[] _words = new ulong[count / WordBits + 1];

    /// <summary>The lowest that is not in.</summary>
    public int Low { get; private set; }

    /// <summary>One above the highest that is in.</summary>
    public int High { get; private set; }

    public int Count { get; private set; }

    public ReadOnlySpan<ulong> Window => High <= Low
        ? []
        : _words.AsSpan((Low / WordBits)..((High - 1) / WordBits + 1));

    public void Add(int operation)
    {
        _words[operation / WordBits] |= 1UL << (operation % WordBits);
        Count++;
        High = Math.Max(High, operation + 1);
        while (Low < High && (_words[Low / WordBits] & (1UL << (Low % WordBits))) != 0)
        {
            Low++;
        }
    }

    public void Remove(int operation, int low, int high)
    {
        _words[operation / WordBits] &= ~(1UL << (operation % WordBits));
        Count--;
        (Low, High) = (low, high);
    }
}

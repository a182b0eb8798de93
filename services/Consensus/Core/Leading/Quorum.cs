namespace Muster.Consensus.Core;

/// <summary>Majorities.</summary>
internal static class Quorum
{
    public static int SizeOf(int members) => (members / 2) + 1;

    /// <summary>The greatest value that a majority has reached. Sorts the values.</summary>
    public static long Reached(Span<long> values)
    {
        values.Sort();
        return values[values.Length - SizeOf(values.Length)];
    }
}

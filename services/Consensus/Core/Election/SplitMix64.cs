namespace Muster.Consensus.Core;

/// <summary>
/// A small generator with a seed: the core's only chance, and the same on every run (Steele, Lea, Flood
/// 2014).
/// </summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A value from 0 to the limit, both included.</summary>
    public long UpTo(long limit) => limit <= 0 ? 0 : (long)(Next() % ((ulong)limit + 1));
}

namespace Muster.Replication.Core;

/// <summary>
/// FNV-1a of 64 bits: the same on every machine and in every version of the runtime, unlike hash codes.
/// </summary>
public static class StateDigest
{
    public const ulong Empty = 14695981039346656037;

    private const ulong Prime = 1099511628211;

    public static ulong Of(ReadOnlySpan<byte> bytes) => Continue(Empty, bytes);

    /// <summary>The digest of what came before followed by these bytes.</summary>
    public static ulong Continue(ulong digest, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            digest = unchecked((digest ^ value) * Prime);
        }
        return digest;
    }
}

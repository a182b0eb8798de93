using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Muster.DistributedLock;

/// <summary>
/// DistributedLock's names are any text. One that Muster takes stays as it is; any other becomes its readable
/// beginning and the SHA-256 of all of it, in Base64, the same in every process.
/// </summary>
internal static class SafeName
{
    private const int MaxBytes = 256;
    private const int MaxReadable = 128;
    private const string Reserved = "muster:";

    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is > 0 and <= MaxBytes && Encoding.UTF8.GetByteCount(name) <= MaxBytes
            && !name.StartsWith(Reserved, StringComparison.Ordinal) && name.EnumerateRunes().All(IsTaken)
            && name == string.Concat(name.EnumerateRunes())) // half a pair comes as a replacement character
        {
            return name;
        }
        var readable = string.Concat(name.EnumerateRunes().Where(rune => rune.IsAscii && IsTaken(rune)));
        // Of the text as it is: an encoding would have one replacement character for every half of a pair.
        var hash = Convert.ToBase64String(SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan())));
        return $"safe:{readable[..Math.Min(readable.Length, MaxReadable)]}:{hash}";
    }

    private static bool IsTaken(Rune rune) => !Rune.IsControl(rune);
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Muster.Consensus.Storage;

/// <summary>
/// Names of the processes that ran from a disk: 8 hexadecimal digits that count the starts, '-', 8 at random.
/// Of two processes of one folder the number says which came later; where the folder was copied, only the
/// list of its starts says whether one comes after the other.
/// </summary>
internal static class StartIds
{
    /// <summary>So many a disk remembers, the last ones: 18 bytes each.</summary>
    public const int Most = 1_000;

    private const int NumberDigits = 8;

    public static string Number(string startId) =>
        startId.Length > NumberDigits ? startId[..NumberDigits] : startId;

    /// <summary>The next start of a disk; from that of a copy it differs by chance.</summary>
    public static string After(IReadOnlyList<string> starts)
    {
        var before = starts is [.., var last]
            ? long.Parse(Number(last), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0;
        var chance = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        return string.Create(CultureInfo.InvariantCulture, $"{before + 1:x8}-{chance}");
    }

    /// <summary>
    /// Whether a process is among a disk's starts, of which there is one at least. What lies too far back to
    /// be remembered is taken for one of them.
    /// </summary>
    public static bool Has(IReadOnlyList<string> starts, string startId) => starts.Contains(startId)
        || string.CompareOrdinal(Number(startId), Number(starts[0])) < 0;

    /// <summary>As the file has them, under a checksum.</summary>
    public static string Write(IReadOnlyList<string> starts)
    {
        var list = string.Join(' ', starts);
        var checksum = Checksum.Of("starts", [], Encoding.UTF8.GetBytes(list));
        return string.Create(CultureInfo.InvariantCulture, $"{checksum:x16} {list}");
    }

    /// <summary>What was written; null: something else stands there.</summary>
    public static IReadOnlyList<string>? Read(string written)
    {
        var starts = written.Split(' ')[1..];
        return starts.Length > 0 && Write(starts) == written ? starts : null;
    }
}

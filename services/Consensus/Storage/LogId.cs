using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muster.Contracts;

namespace Muster.Consensus.Storage;

/// <summary>
/// The name of the logs that one bootstrap began: the time of the youngest disk, then a hash over all of
/// them. Every node computes it from the disk ids that it has stored, so all have the same or refuse each
/// other. The time comes first, so that of two logs the later bootstrap's is the greater by ordinal
/// comparison, and a replica that hears both knows which of them was replaced.
/// </summary>
internal static class LogId
{
    private const int TimeDigits = 12;
    private const int HashDigits = 16;

    /// <summary>Where an id of version 7 (RFC 9562) has its version digit, after 48 bits of time.</summary>
    private const int VersionDigit = 12;

    /// <summary>A disk's id: unique, and it begins with the time at which the disk was made.</summary>
    public static string NewDisk(DateTimeOffset now) =>
        Guid.CreateVersion7(now).ToString("N", CultureInfo.InvariantCulture);

    public static string Of(IReadOnlyDictionary<NodeId, string> disks)
    {
        var lines = disks.OrderBy(disk => disk.Key).Select(disk => $"{disk.Key} {disk.Value}\n");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines)));
        var digits = Convert.ToHexString(hash).ToLowerInvariant();
        return $"{TimeOf(disks.Values)}-{digits[..HashDigits]}";
    }

    /// <summary>Disks that were made before their ids had a time are older than all that have one.</summary>
    private static string TimeOf(IEnumerable<string> disks)
    {
        var times = disks.Select(disk => HasTime(disk) ? disk[..TimeDigits] : new string('0', TimeDigits));
        return times.Max(StringComparer.Ordinal)!;
    }

    private static bool HasTime(string disk) =>
        disk.Length == 32 && disk[VersionDigit] == '7' && disk.All(char.IsAsciiHexDigitLower);
}

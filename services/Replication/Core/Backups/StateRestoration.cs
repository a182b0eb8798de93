using System.Security.Cryptography;
using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>
/// Replaces the whole state of a group by a backup's, in one entry. A machine verifies and parses all of it
/// before it changes anything; a state that it cannot read is refused, and never stops it.
/// </summary>
public sealed record StateRestoration
{
    /// <summary>
    /// A state above this, compressed, is neither backed up nor restored: in Base64, twice for an entry, it
    /// must still fit the 16 MiB that a broker takes in one message.
    /// </summary>
    public const int MaxStateBytes = 6 * 1024 * 1024;

    public string CommandId { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }

    /// <summary>The <see cref="IRestorableMachine.Kind"/> that the state was read from.</summary>
    public string Kind { get; init; } = "";

    /// <summary>In its <see cref="SnapshotEnvelope"/>.</summary>
    public byte[] State { get; init; } = [];

    /// <summary>SHA-256 of <see cref="State"/> in lower-case hex.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>The proposer's UTC milliseconds: the least epoch after this entry.</summary>
    public long Epoch { get; init; }

    /// <summary>The proposer's UTC seconds times 2^20: the least token floor after this entry.</summary>
    public long TokenFloor { get; init; }

    /// <summary>The machine's own bytes.</summary>
    /// <exception cref="FormatException">They do not unpack.</exception>
    public ReadOnlySpan<byte> Unpack() => SnapshotEnvelope.Read(State);

    public static string ChecksumOf(ReadOnlySpan<byte> state) =>
        Convert.ToHexStringLower(SHA256.HashData(state));

    /// <summary>
    /// What is wrong with it whatever the group's state is, in a sentence; null when nothing is. For a
    /// machine of this kind, before it parses <see cref="State"/>.
    /// </summary>
    public string? Problem(string kind)
    {
        if (State is null || Kind != kind)
        {
            return $"The state is one of '{Kind}', and this is a machine of '{kind}'.";
        }
        if (State.Length > MaxStateBytes)
        {
            return $"The state has {State.Length} bytes, at most {MaxStateBytes}.";
        }
        var checksum = ChecksumOf(State);
        return string.Equals(checksum, Checksum, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"The state's SHA-256 is {checksum} and should be {Checksum}.";
    }

    /// <summary>The epoch from this entry on: above both, and never below the proposer's clock.</summary>
    public long EpochAfter(long current, long restored) =>
        Math.Max(Math.Max(current, restored) + 1, Epoch);

    /// <summary>The token counter from this entry on.</summary>
    public long TokensAfter(long current, long restored) =>
        Math.Max(Math.Max(current, restored), TokenFloor);
}

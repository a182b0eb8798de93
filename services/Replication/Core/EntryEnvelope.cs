using System.Buffers.Binary;
using System.Text;

namespace Muster.Replication.Core;

/// <summary>
/// The payload of a command entry, binary because every replica reads every one: version byte, whom the body
/// is for, the machine's version it was written for, origin (length as two bytes, then UTF-8), proposal
/// number, issue time, body; numbers are little endian. An empty body is a tick.
/// </summary>
public sealed record EntryEnvelope
{
    public const byte Version = 2;
    public const int MaxOriginBytes = 512;

    private const int OriginAt = 1 + 1 + sizeof(ushort) + sizeof(ushort);
    private const int FixedBytes = OriginAt + sizeof(long) + sizeof(long);

    /// <summary>
    /// The body is the runtime's own, a change to the group's record; the machine sees a tick.
    /// </summary>
    public bool IsRecord { get; init; }

    /// <summary>The version of the machine that was in force for the proposer.</summary>
    public int MachineVersion { get; init; } = MachineVersions.First.Oldest;

    /// <summary>The proposing replica's incarnation, new at each start of a process.</summary>
    public required string Origin { get; init; }

    /// <summary>
    /// Counts the proposals of one origin from 1; the same when the proposal is sent again.
    /// </summary>
    public required long Number { get; init; }

    /// <summary>The proposer's machine time in milliseconds when it first encoded the proposal.</summary>
    public required long IssuedAt { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public bool IsTick => Body.IsEmpty;

    /// <summary>Without reading it, and so without a fault of its own.</summary>
    public static bool IsRecordEntry(ReadOnlySpan<byte> payload) =>
        payload.Length >= FixedBytes && payload[0] == Version && payload[1] == 1;

    public byte[] Write()
    {
        var originBytes = Encoding.UTF8.GetByteCount(Origin);
        if (originBytes > MaxOriginBytes)
        {
            throw new InvalidOperationException(
                $"The origin has {originBytes} bytes, more than {MaxOriginBytes}.");
        }
        var payload = new byte[FixedBytes + originBytes + Body.Length];
        payload[0] = Version;
        payload[1] = IsRecord ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(2), checked((ushort)MachineVersion));
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(4), (ushort)originBytes);
        var numbers = OriginAt + Encoding.UTF8.GetBytes(Origin, payload.AsSpan(OriginAt));
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(numbers), Number);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(numbers + sizeof(long)), IssuedAt);
        Body.Span.CopyTo(payload.AsSpan(FixedBytes + originBytes));
        return payload;
    }

    /// <summary>Reads a payload; the body is a slice of it, not a copy.</summary>
    /// <exception cref="FormatException">An unknown version or kind, or shorter than it says.</exception>
    public static EntryEnvelope Read(ReadOnlyMemory<byte> payload)
    {
        var bytes = payload.Span;
        if (bytes.Length < FixedBytes)
        {
            throw new FormatException($"An entry of {bytes.Length} bytes is too short for an envelope.");
        }
        if (bytes[0] != Version)
        {
            throw new FormatException(
                $"The entry's envelope has version {bytes[0]}; this build knows {Version}.");
        }
        if (bytes[1] > 1)
        {
            throw new FormatException($"The entry's body is of kind {bytes[1]}; this build cannot read it.");
        }
        var originBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (originBytes > MaxOriginBytes || bytes.Length < FixedBytes + originBytes)
        {
            throw new FormatException(
                $"An entry of {bytes.Length} bytes cannot hold an origin of {originBytes}.");
        }
        var numbers = bytes[(OriginAt + originBytes)..];
        return new EntryEnvelope
        {
            IsRecord = bytes[1] == 1,
            MachineVersion = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
            Origin = Encoding.UTF8.GetString(bytes.Slice(OriginAt, originBytes)),
            Number = BinaryPrimitives.ReadInt64LittleEndian(numbers),
            IssuedAt = BinaryPrimitives.ReadInt64LittleEndian(numbers[sizeof(long)..]),
            Body = payload[(FixedBytes + originBytes)..],
        };
    }
}

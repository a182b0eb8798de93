using System.Buffers.Binary;
using System.Text;

namespace Muster.Replication.Core;

/// <summary>
/// The payload of a command entry, binary because every replica reads every one: version byte, origin (length
/// as two bytes, then UTF-8), proposal number, issue time, body; numbers are little endian. An empty body is
/// a tick.
/// </summary>
public sealed record EntryEnvelope
{
    public const byte Version = 1;
    public const int MaxOriginBytes = 512;

    private const int FixedBytes = 1 + sizeof(ushort) + sizeof(long) + sizeof(long);

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
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(1), (ushort)originBytes);
        Encoding.UTF8.GetBytes(Origin, payload.AsSpan(3));
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(3 + originBytes), Number);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(11 + originBytes), IssuedAt);
        Body.Span.CopyTo(payload.AsSpan(FixedBytes + originBytes));
        return payload;
    }

    /// <summary>Reads a payload; the body is a slice of it, not a copy.</summary>
    /// <exception cref="FormatException">An unknown version, or shorter than it says.</exception>
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
        var originBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]);
        if (originBytes > MaxOriginBytes || bytes.Length < FixedBytes + originBytes)
        {
            throw new FormatException(
                $"An entry of {bytes.Length} bytes cannot hold an origin of {originBytes}.");
        }
        return new EntryEnvelope
        {
            Origin = Encoding.UTF8.GetString(bytes.Slice(3, originBytes)),
            Number = BinaryPrimitives.ReadInt64LittleEndian(bytes[(3 + originBytes)..]),
            IssuedAt = BinaryPrimitives.ReadInt64LittleEndian(bytes[(11 + originBytes)..]),
            Body = payload[(FixedBytes + originBytes)..],
        };
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// A machine's state as the nodes keep it. One message must carry it, so a large one is compressed: four
/// bytes that say so, the state's length, then Brotli. A small one is the machine's own bytes; those begin
/// with its version, which is never the mark's first byte.
/// </summary>
public static class SnapshotEnvelope
{
    /// <summary>Below this a state is not worth the work, and any build can read it.</summary>
    public const int SmallBytes = 64 * 1024;

    /// <summary>
    /// No larger state is packed or unpacked: what claims to be larger is refused before it takes memory.
    /// </summary>
    public const int LargestStateBytes = 256 * 1024 * 1024;

    private const int HeaderBytes = 8;

    // Fast, since the replica does nothing else meanwhile; fixed, so that equal states give equal bytes.
    private const int Quality = 3;
    private const int Window = 22;

    /// <summary>The last byte is the format: 1 is Brotli.</summary>
    private static ReadOnlySpan<byte> Mark => [0xF5, (byte)'m', (byte)'s', 1];

    /// <summary>Null for a state that no message can carry.</summary>
    public static byte[]? TryWrite(byte[] state)
    {
        if (state.Length < SmallBytes && !IsMarked(state)) return state;
        if (state.Length > LargestStateBytes) return null;
        var packed = new byte[HeaderBytes + BrotliEncoder.GetMaxCompressedLength(state.Length)];
        Mark.CopyTo(packed);
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(Mark.Length), state.Length);
        if (!BrotliEncoder.TryCompress(state, packed.AsSpan(HeaderBytes), out var written, Quality, Window))
        {
            throw new InvalidOperationException($"{state.Length} bytes do not fit into their own bound.");
        }
        var length = HeaderBytes + written;
        return length > LogEntry.LargestPayloadBytes ? null : packed[..length];
    }

    /// <exception cref="FormatException">Compressed, and not by a build that this one knows.</exception>
    public static ReadOnlySpan<byte> Read(byte[] payload)
    {
        if (!IsMarked(payload)) return payload;
        if (payload.Length < HeaderBytes || payload[Mark.Length - 1] != Mark[^1])
        {
            throw new FormatException("The snapshot is compressed in a form that this build does not know.");
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(Mark.Length));
        if (length is < 0 or > LargestStateBytes)
        {
            throw new FormatException(
                $"The snapshot claims {length} bytes; at most {LargestStateBytes} are unpacked.");
        }
        var state = new byte[length];
        var isWhole = BrotliDecoder.TryDecompress(payload.AsSpan(HeaderBytes), state, out var written);
        if (!isWhole || written != length)
        {
            throw new FormatException($"The snapshot does not unpack to its {length} bytes.");
        }
        return state;
    }

    private static bool IsMarked(byte[] bytes) => bytes.AsSpan().StartsWith(Mark[..^1]);
}

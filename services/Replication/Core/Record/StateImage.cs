using System.Buffers.Binary;

namespace Muster.Replication.Core;

/// <summary>
/// A replica's whole state, as snapshots hold it and digests are of: a mark with the format, the record's
/// length, the record, the machine's own snapshot.
/// </summary>
internal static class StateImage
{
    private const byte Mark = 0xE1;
    private const int HeaderBytes = 1 + sizeof(int);

    public static byte[] Write(GroupRecord record, ReadOnlySpan<byte> machine)
    {
        var head = record.Write();
        var image = new byte[HeaderBytes + head.Length + machine.Length];
        image[0] = Mark;
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(1), head.Length);
        head.CopyTo(image, HeaderBytes);
        machine.CopyTo(image.AsSpan(HeaderBytes + head.Length));
        return image;
    }

    /// <exception cref="FormatException">No state image of a form that this build knows.</exception>
    public static GroupRecord Read(ReadOnlySpan<byte> image, out ReadOnlySpan<byte> machine)
    {
        if (image.Length < HeaderBytes || image[0] != Mark)
        {
            throw new FormatException("The snapshot is no state of a form that this build knows.");
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(image[1..]);
        if (length < 0 || length > image.Length - HeaderBytes)
        {
            throw new FormatException($"The snapshot's record claims {length} bytes.");
        }
        machine = image[(HeaderBytes + length)..];
        return GroupRecord.Read(image.Slice(HeaderBytes, length));
    }
}

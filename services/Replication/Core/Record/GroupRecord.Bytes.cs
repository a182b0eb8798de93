using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>The record in a snapshot: equal records give equal bytes.</summary>
internal sealed partial class GroupRecord
{
    private const byte Format = 1;

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Format);
        writer.Write(Version);
        writer.Write(Time);
        writer.Write(_logTime);
        writer.Write(PayloadBytes);
        writer.Write(AgreedUpTo.Value);
        writer.Write(_incomparableUpTo.Value);
        writer.Write(_replicas.Count);
        foreach (var (name, presence) in _replicas)
        {
            writer.Write(name);
            writer.Write(presence.Versions.Oldest);
            writer.Write(presence.Versions.Newest);
            writer.Write(presence.ToldAt);
        }
        writer.Write(_points.Count);
        foreach (var (index, point) in _points)
        {
            writer.Write(index.Value);
            writer.Write(point.Agreed is not null);
            writer.Write(point.Agreed ?? 0);
            writer.Write(point.Told.Count);
            foreach (var (name, digest) in point.Told)
            {
                writer.Write(name);
                writer.Write(digest);
            }
        }
        writer.Write(_refused.Count);
        foreach (var index in _refused)
        {
            writer.Write(index.Value);
        }
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="FormatException">Of a form that this build does not know.</exception>
    public static GroupRecord Read(ReadOnlySpan<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()));
        if (reader.ReadByte() is not Format and var format)
        {
            throw new FormatException($"The group's record has format {format}; this build knows {Format}.");
        }
        var record = new GroupRecord
        {
            Version = reader.ReadInt32(),
            Time = reader.ReadInt64(),
            _logTime = reader.ReadInt64(),
            PayloadBytes = reader.ReadInt64(),
            AgreedUpTo = new(reader.ReadInt64()),
            _incomparableUpTo = new(reader.ReadInt64()),
        };
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            record._replicas.Add(
                reader.ReadString(), new(new(reader.ReadInt32(), reader.ReadInt32()), reader.ReadInt64()));
        }
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            record._points.Add(new LogIndex(reader.ReadInt64()), ReadPoint(reader));
        }
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            record._refused.Add(new(reader.ReadInt64()));
        }
        return record;
    }

    private static Point ReadPoint(BinaryReader reader)
    {
        var isAgreed = reader.ReadBoolean();
        var agreed = reader.ReadUInt64();
        var point = new Point { Agreed = isAgreed ? agreed : null };
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            point.Told.Add(reader.ReadString(), reader.ReadUInt64());
        }
        return point;
    }
}

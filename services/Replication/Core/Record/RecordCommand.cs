using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>What the body of a record entry holds: a change to the <see cref="GroupRecord"/>.</summary>
internal abstract record RecordCommand
{
    private enum Kind : byte
    {
        Reported = 1,
        Refused = 2,
        Raised = 3,
    }

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        switch (this)
        {
            case ReplicaReported one:
                writer.Write((byte)Kind.Reported);
                writer.Write(one.Replica);
                writer.Write(one.Versions.Oldest);
                writer.Write(one.Versions.Newest);
                writer.Write(one.States.Count);
                foreach (var state in one.States)
                {
                    writer.Write(state.Index.Value);
                    writer.Write(state.Digest);
                }
                break;
            case EntryRefused one:
                writer.Write((byte)Kind.Refused);
                writer.Write(one.Index.Value);
                writer.Write(one.Entry);
                break;
            case VersionRaised one:
                writer.Write((byte)Kind.Raised);
                writer.Write(one.Version);
                break;
        }
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="UnsupportedEntryException">Of a kind that this build does not know.</exception>
    public static RecordCommand Read(ReadOnlySpan<byte> body)
    {
        using var reader = new BinaryReader(new MemoryStream(body.ToArray()));
        var kind = (Kind)reader.ReadByte();
        return kind switch
        {
            Kind.Reported => new ReplicaReported(
                reader.ReadString(), new(reader.ReadInt32(), reader.ReadInt32()), ReadStates(reader)),
            Kind.Refused => new EntryRefused(new(reader.ReadInt64()), reader.ReadUInt64()),
            Kind.Raised => new VersionRaised(reader.ReadInt32()),
            _ => throw new UnsupportedEntryException(
                $"it is of kind {kind}, which this build does not know: a newer build wrote it"),
        };
    }

    private static List<ToldState> ReadStates(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count is < 0 or > GroupRecord.MaxPoints)
        {
            throw new FormatException($"A report of {count} states; {GroupRecord.MaxPoints} at most.");
        }
        return [.. Enumerable.Range(0, count)
            .Select(_ => new ToldState(new(reader.ReadInt64()), reader.ReadUInt64()))];
    }
}

/// <summary>After the entry at this index a replica's state had this digest.</summary>
internal readonly record struct ToldState(LogIndex Index, ulong Digest);

/// <summary>A replica is there, with a build of these machine versions, and had these states.</summary>
internal sealed record ReplicaReported(
    string Replica, MachineVersions Versions, IReadOnlyList<ToldState> States) : RecordCommand;

/// <summary>An operator refuses an earlier entry, by its index and its payload's digest.</summary>
internal sealed record EntryRefused(LogIndex Index, ulong Entry) : RecordCommand;

/// <summary>From here on the machine runs at this version.</summary>
internal sealed record VersionRaised(int Version) : RecordCommand;

/// <summary>This build cannot take the entry, and no refusal helps: a newer build can.</summary>
internal sealed class UnsupportedEntryException(string message) : Exception(message);

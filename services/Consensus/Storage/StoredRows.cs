using System.Text;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Storage;

/// <summary>An entry or, of kind -1, a snapshot, with what it had to be when it was written.</summary>
internal sealed record EntryRow(
    long LogIndex, long Term, long LogTime, long Kind, byte[] Payload, long Checksum)
{
    public const long SnapshotKind = -1;

    public static EntryRow Of(string group, LogEntry entry) => Of(
        group, entry.Index.Value, entry.Term.Value, entry.LogTime, (long)entry.Kind, entry.Payload);

    public static EntryRow Of(string group, GroupSnapshot snapshot) => Of(
        group, snapshot.Index.Value, snapshot.Term.Value, snapshot.LogTime, SnapshotKind, snapshot.Payload);

    public bool IsWhole(string group) =>
        Checksum == Storage.Checksum.Of(group, [LogIndex, Term, LogTime, Kind], Payload);

    private static EntryRow Of(
        string group, long index, long term, long logTime, long kind, byte[] payload) => new(
            index, term, logTime, kind, payload,
            Storage.Checksum.Of(group, [index, term, logTime, kind], payload));
}

internal sealed record HardStateRow(long Term, string Vote, long Checksum)
{
    public static long ChecksumOf(string group, long term, string vote) =>
        Storage.Checksum.Of(group, [term], Encoding.UTF8.GetBytes(vote));

    public bool IsWhole(string group) => Checksum == ChecksumOf(group, Term, Vote);
}

/// <summary>The last index of a group's log: it tells when the end vanished without a trace.</summary>
internal sealed record TailRow(long LastIndex, long Checksum)
{
    public bool IsWhole(string group) => Checksum == Storage.Checksum.Of(group, [LastIndex]);
}

internal sealed record RepairRow(long LostUpTo, long Term);

using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;

namespace Muster.Consensus.Storage;

/// <summary>
/// Reads a group back at start and checks every row. What does not bear its checksum, and all after it, is
/// dropped, and the loss is written down before anybody may count on what is left.
/// </summary>
internal sealed class GroupReader(SqliteConnection connection, DataFolder folder, string group)
{
    /// <summary>What may have been acknowledged cannot be told.</summary>
    private const long Unknown = long.MaxValue;

    /// <exception cref="StartRefusedException">
    /// The term and vote are damaged, or the log is and nobody else has it.
    /// </exception>
    public RestoredGroup Read(NodeId self, IReadOnlyList<NodeId> members, ulong randomSeed)
    {
        var state = ReadHardState();
        var snapshot = ReadRow(Schema.ReadSnapshot);
        var isWhole = snapshot is null || snapshot.IsWhole(group);
        var start = isWhole ? snapshot?.LogIndex ?? 0 : 0;
        var (entries, hasBadRows) = isWhole ? ReadEntries(start) : ([], false);
        var kept = entries is [.., var last] ? last.Index.Value : start;
        var (written, isSure) = LastWritten();
        if (!isWhole || !isSure || written > kept)
        {
            if (IsAlone(self, members, isWhole ? snapshot : null, entries)) throw Alone(kept);
            KeepOnly(entries, kept, !isWhole, (isSure ? written : Unknown, state.Term.Value));
        }
        else if (hasBadRows)
        {
            // Of what nobody needs; but one whose key went bad would be in the way one day.
            KeepOnly(entries, kept, dropsSnapshot: false, lost: null);
        }
        return new RestoredGroup
        {
            Group = group,
            Self = self,
            Members = members,
            HardState = state,
            Snapshot = isWhole && snapshot is not null ? ToSnapshot(snapshot) : null,
            Entries = entries,
            Damage = ReadDamage(state.Term),
            RandomSeed = randomSeed,
        };
    }

    private HardState ReadHardState()
    {
        var row = connection.ReadOne(Schema.ReadHardState, group, HardStateRow.Read);
        var isNew = row is null && connection.ExecuteScalar<long>(Schema.CountRows, new { group }) == 0;
        if (isNew) return new(Term.Zero, NodeId.None);
        if (row is not null && row.IsWhole(group)) return new(new(row.Term), new(row.Vote));
        throw new StartRefusedException(
            $"The term and vote of group '{group}' in {folder.DatabaseFile} are damaged: this node does not "
            + "know for whom it voted, " + DataFolder.Advice);
    }

    private EntryRow? ReadRow(string sql) => connection.ReadEntries(sql, new { group }).FirstOrDefault();

    /// <summary>
    /// As long as nothing is missing and nothing is damaged; what lies before the snapshot's index may be,
    /// since nobody needs it. A damaged row may have any index: its place is between those beside it.
    /// </summary>
    private (List<LogEntry> Entries, bool HasBadRows) ReadEntries(long snapshotIndex)
    {
        var entries = new List<LogEntry>();
        var (hasBadRows, isAfterBad) = (false, false);
        foreach (var (entry, isWhole) in connection.ReadEntriesChecked(group))
        {
            if (!isWhole)
            {
                (hasBadRows, isAfterBad) = (true, true);
                continue;
            }
            var follows = !isAfterBad && entries is [.., var last] && entry.Index == last.Index.Next();
            if (!follows)
            {
                if (entry.Index.Value > snapshotIndex + 1) break;
                entries.Clear();
            }
            isAfterBad = false;
            entries.Add(entry);
        }
        return (entries is [.., var end] && end.Index.Value < snapshotIndex ? [] : entries, hasBadRows);
    }

    /// <summary>The last index that was ever written and not taken back, and whether that is sure.</summary>
    private (long Index, bool IsSure) LastWritten()
    {
        var tail = connection.ReadOne(Schema.ReadTail, group, TailRow.Read);
        if (tail is not null) return (tail.LastIndex, tail.IsWhole(group));
        var last = connection.ExecuteScalar<long>(Schema.ReadLastIndex, new { group });
        return (0, last == 0 && ReadRow(Schema.ReadSnapshot) is null);
    }

    /// <summary>
    /// Nobody can lead without this node, which does not stand before a leader has given it back what it
    /// lacks: it is the only voter, or the only one of the two sets that a change of the members has. By the
    /// newest membership that can be read.
    /// </summary>
    private static bool IsAlone(
        NodeId self, IReadOnlyList<NodeId> bootstrap, EntryRow? snapshot, IReadOnlyList<LogEntry> entries)
    {
        var membership = entries.LastOrDefault(entry => entry.Kind == EntryKind.Membership) is { } newest
            ? JsonSerializer.Deserialize(newest.Payload, ContractJson.Default.GroupMembership)
            : snapshot?.ReadMembership();
        if (membership is null) return bootstrap.Count == 1;
        var voters = membership.Members.Where(member => member.Role == MemberRole.Voter);
        return HasOnly(voters, self) || HasOnly(membership.OutgoingVoters, self);
    }

    private static bool HasOnly(IEnumerable<GroupMember> voters, NodeId self) =>
        voters.Select(voter => voter.Node).SequenceEqual([self]);

    private StartRefusedException Alone(long kept) => new(
        $"The log of group '{group}' in {folder.DatabaseFile} is damaged after entry {kept}, and this node "
        + "has no peers that could lead and give it back. The file was left as it is. Restore a backup.");

    /// <summary>
    /// Writes what is left anew, since a row whose key went bad may stand anywhere, and how much is lost, if
    /// anything is.
    /// </summary>
    private void KeepOnly(
        IReadOnlyList<LogEntry> entries, long kept, bool dropsSnapshot, (long UpTo, long Term)? lost)
    {
        using var transaction = connection.BeginTransaction();
        if (dropsSnapshot) connection.Execute(Schema.DropSnapshot, new { group }, transaction);
        connection.Execute(Schema.DropEntries, new { group }, transaction);
        foreach (var entry in entries)
        {
            connection.Execute(Schema.PutEntry, EntryRow.Of(group, entry).Values(group), transaction);
        }
        if (lost is not null) PutRepair(lost.Value, transaction);
        var tail = new { a = group, b = kept, c = Checksum.Of(group, [kept]) };
        connection.Execute(Schema.PutTail, tail, transaction);
        transaction.Commit();
    }

    private void PutRepair((long UpTo, long Term) lost, SqliteTransaction transaction)
    {
        var known = connection.ReadOne(Schema.ReadRepair, group, RepairRow.Read, transaction);
        var (lostUpTo, term) = (Math.Max(lost.UpTo, LostUpTo(known)), Math.Max(lost.Term, known?.Term ?? 0));
        var checksum = Checksum.Of(group, [lostUpTo, term]);
        connection.Execute(Schema.PutRepair, new { group, lostUpTo, term, checksum }, transaction);
    }

    private LogDamage? ReadDamage(Term term)
    {
        var row = connection.ReadOne(Schema.ReadRepair, group, RepairRow.Read);
        if (row is null) return null;
        return new(new(LostUpTo(row)), row.IsWhole(group) ? new(row.Term) : term);
    }

    private long LostUpTo(RepairRow? row) => row is null ? 0 : row.IsWhole(group) ? row.LostUpTo : Unknown;

    private static GroupSnapshot ToSnapshot(EntryRow row) => new()
    {
        Index = new(row.LogIndex),
        Term = new(row.Term),
        LogTime = row.LogTime,
        Payload = row.Payload,
        Membership = row.ReadMembership(),
    };
}

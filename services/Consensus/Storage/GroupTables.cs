using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Hosting;

namespace Muster.Consensus.Storage;

/// <summary>Writes what a step of a group wants kept, inside the caller's transaction.</summary>
internal sealed class GroupTables
{
    private readonly Dictionary<string, LogIndex> _tails = new(StringComparer.Ordinal);
    private readonly PreparedStatement _hardState;
    private readonly PreparedStatement _snapshot;
    private readonly PreparedStatement _deleteBefore;
    private readonly PreparedStatement _deleteFrom;
    private readonly PreparedStatement _insert;
    private readonly PreparedStatement _tail;
    private readonly PreparedStatement _endRepair;

    public GroupTables(PreparedStatements statements)
    {
        _hardState = statements.Prepare(Schema.PutHardState);
        _snapshot = statements.Prepare(Schema.PutSnapshot);
        _deleteBefore = statements.Prepare(Schema.DeleteBefore);
        _deleteFrom = statements.Prepare(Schema.DeleteFrom);
        _insert = statements.Prepare(Schema.InsertEntry);
        _tail = statements.Prepare(Schema.PutTail);
        _endRepair = statements.Prepare(Schema.EndRepair);
    }

    public void Write(string group, RaftOutput output)
    {
        if (output.HardState is { } state)
        {
            var (term, vote) = (state.Term.Value, state.Vote.Value ?? "");
            _hardState.Run(group, term, vote, HardStateRow.ChecksumOf(group, term, vote));
        }
        if (output.Snapshot is { } snapshot)
        {
            var row = EntryRow.Of(group, snapshot);
            _snapshot.Run(
                group, row.LogIndex, row.Term, row.LogTime, row.Payload, row.Membership, row.Checksum);
            _deleteBefore.Run(group, output.FirstIndex.Value);
        }
        if (output.TruncateFrom is { } from) _deleteFrom.Run(group, from.Value);
        foreach (var entry in output.Append)
        {
            var row = EntryRow.Of(group, entry);
            _insert.Run(
                group, row.LogIndex, row.Term, row.LogTime, row.Kind, row.Payload, row.Checksum);
        }
        PutTail(group, output);
        if (output.IsRepaired) _endRepair.Run(group);
    }

    /// <summary>The last index that was stored and not taken back.</summary>
    public LogIndex TailOf(string group) => _tails.GetValueOrDefault(group);

    /// <summary>Where the restored log ends.</summary>
    public void Restored(string group, LogIndex last) => _tails[group] = last;

    private void PutTail(string group, RaftOutput output)
    {
        var before = _tails.GetValueOrDefault(group);
        var tail = output.Append is [.., var last] ? last.Index : output.TruncateFrom?.Previous() ?? before;
        if (output.Snapshot?.Index > tail) tail = output.Snapshot.Index;
        if (tail == before) return;
        _tail.Run(group, tail.Value, Checksum.Of(group, [tail.Value]));
        _tails[group] = tail;
    }
}

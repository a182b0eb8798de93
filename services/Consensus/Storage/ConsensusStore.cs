using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Hosting;

namespace Muster.Consensus.Storage;

/// <summary>
/// Everything a node must not forget, in one SQLite file with one connection that the node's loop owns. Not
/// thread-safe.
/// </summary>
public sealed class ConsensusStore : IDiskRecord, IDisposable
{
    private readonly DataFolder _folder;
    private readonly SqliteConnection _connection;
    private readonly GroupTables _groups;
    private readonly PreparedStatements _statements;
    private readonly PreparedStatement _begin;
    private readonly PreparedStatement _commit;
    private readonly IReadOnlyList<string> _starts;
    private volatile string _logId;

    private ConsensusStore(DataFolder folder, SqliteConnection connection, PreparedStatements statements)
    {
        _folder = folder;
        _connection = connection;
        _statements = statements;
        DiskId = connection.ExecuteScalar<string>(Schema.ReadMeta, new { name = "disk_id" })!;
        _logId = DiskMeta.NameLog(connection);
        HasJoined = DiskMeta.HasJoined(connection);
        SupersededBy = DiskMeta.SupersededBy(connection);
        _starts = DiskMeta.CountStart(connection, folder);
        _groups = new GroupTables(statements);
        _begin = statements.Prepare(Schema.Begin);
        _commit = statements.Prepare(Schema.Commit);
    }

    /// <summary>Made with the folder's first file: an emptied disk comes back with another one.</summary>
    public string DiskId { get; }

    /// <summary>The full path of the folder that is held.</summary>
    public string Folder => _folder.Path;

    /// <summary>
    /// Names the logs in this file; empty until every member's disk is known. Any thread may read it.
    /// </summary>
    public string LogId => _logId;

    /// <summary>Names this opening of the file; greater, by ordinal comparison, than all before it.</summary>
    public string StartId => _starts[^1];

    /// <summary>
    /// The process of another folder that peers hear or heard in the place of this one's: this folder is, or
    /// is from before, a copy, and may not take part any more. Empty: there is none.
    /// </summary>
    public string SupersededBy { get; private set; }

    /// <summary>Made to be added to a cluster, not by its bootstrap.</summary>
    public bool HasJoined { get; }

    /// <summary>
    /// Opens a node's folder, or makes it when it is empty and <paramref name="bootstrap"/> allows it; a
    /// new disk's id tells the time, and so does that of its log.
    /// </summary>
    /// <exception cref="StartRefusedException">
    /// In use, empty without bootstrap, another node's or cluster's, damaged, or on a disk that is full or
    /// fails.
    /// </exception>
    public static ConsensusStore Open(
        string path, DiskIdentity identity, bool bootstrap, TimeProvider time)
    {
        var folder = DataFolder.Hold(path);
        SqliteConnection? connection = null;
        PreparedStatements? statements = null;
        try
        {
            var isTorn = CheckLog(folder);
            connection = Connect(folder);
            // What a crash tore stays behind the log's new end, and would count again after the next one.
            if (isTorn) connection.Execute(Schema.EmptyLog);
            DiskMeta.CreateOrCheck(
                connection, folder, identity, bootstrap || identity.Joins ? time.GetUtcNow() : null);
            statements = new PreparedStatements(connection);
            return new ConsensusStore(folder, connection, statements);
        }
        catch (Exception failure)
        {
            statements?.Dispose();
            connection?.Dispose();
            folder.Dispose();
            if (failure is SqliteException trouble)
            {
                throw DiskTrouble.AtStart(folder.DatabaseFile, trouble);
            }
            throw;
        }
    }

    /// <summary>The disks of the other members, as far as they have announced themselves.</summary>
    public IReadOnlyDictionary<NodeId, string> ReadDisks() =>
        _connection.Query<(string Node, string DiskId)>(Schema.ReadKnownDisks)
            .ToDictionary(row => new NodeId(row.Node), row => row.DiskId);

    /// <summary>
    /// All voters of the bootstrap, this node included, as the file was made with them; none on a disk that
    /// joined. A group whose members nobody has changed goes on with these, whatever is configured by now:
    /// nodes that took them from configurations which differ would count to different majorities.
    /// </summary>
    public IReadOnlyList<NodeId> ReadFounders() => HasJoined ? []
        : [.. _connection.Query<(string Node, string DiskId)>(Schema.ReadAllDisks)
            .Select(row => new NodeId(row.Node)).Order()];

    /// <summary>
    /// Remembers a member's disk for ever; one that is known cannot be changed. The last one names the log.
    /// </summary>
    /// <exception cref="DiskFailedException">It is full, or answered with an error.</exception>
    public void StoreDisk(NodeId node, string diskId)
    {
        Use(() =>
        {
            using var transaction = _connection.BeginTransaction();
            var changed = _connection.Execute(
                "UPDATE disks SET disk_id = $diskId WHERE node = $node AND disk_id = ''",
                new { node = node.Value, diskId }, transaction);
            if (changed != 1)
            {
                throw new InvalidOperationException(
                    $"The disk of {node} is known already, or it is no member.");
            }
            var logId = DiskMeta.NameLog(_connection);
            transaction.Commit();
            _logId = logId;
        });
    }

    /// <summary>
    /// Whether a process ran from this disk, now or earlier. Of those that are too long ago to be remembered
    /// (<see cref="StartIds.Most"/> starts) it is taken for granted.
    /// </summary>
    public bool HasStarted(string startId) => StartIds.Has(_starts, startId);

    /// <summary>For ever: <see cref="SupersededBy"/>.</summary>
    /// <exception cref="DiskFailedException">It is full, or answered with an error.</exception>
    public void StoreSuperseded(string startId)
    {
        Use(() => DiskMeta.StoreSuperseded(_connection, startId));
        SupersededBy = startId;
    }

    /// <summary>
    /// A joining disk without a log takes part in this one from now on, and in no other.
    /// </summary>
    /// <exception cref="DiskFailedException">It is full, or answered with an error.</exception>
    public void AdoptLog(string logId)
    {
        Use(() => DiskMeta.AdoptLog(_connection, logId));
        _logId = logId;
    }

    /// <summary>
    /// What a group starts from. Damaged entries, and all after them, are dropped, and the loss is kept until
    /// a step says that it is repaired.
    /// </summary>
    /// <exception cref="StartRefusedException">
    /// The file cannot be read, its term and vote are damaged, or the log is and nobody else has it.
    /// </exception>
    public RestoredGroup Restore(string group, NodeId self, ulong randomSeed)
    {
        try
        {
            var restored =
                new GroupReader(_connection, _folder, group).Read(self, ReadFounders(), randomSeed);
            _groups.Restored(group, restored.LastIndex);
            return restored with { DiskId = DiskId };
        }
        catch (SqliteException failure)
        {
            throw DiskTrouble.AtStart(_folder.DatabaseFile, failure);
        }
    }

    /// <summary>
    /// Compares what is stored of a group with what its core has, and mends it. Not to be stepped between a
    /// step of the core and its commit: then the core is ahead.
    /// </summary>
    /// <remarks>A step throws <see cref="DiskFailedException"/> where a commit does.</remarks>
    internal GroupScrub ScrubOf(string group, RaftCore core) => new(_connection, group, core, _groups, Use);

    /// <summary>
    /// The group commit: one synced transaction for all groups that were stepped. When it throws, nobody may
    /// learn of the steps, and the process must end: what the file holds is unknown (fsync is not asked
    /// twice).
    /// </summary>
    /// <exception cref="DiskFailedException">It is full, or answered with an error.</exception>
    public void Commit(IReadOnlyList<(string Group, RaftOutput Output)> steps)
    {
        Use(() =>
        {
            _begin.Run();
            foreach (var (group, output) in steps)
            {
                _groups.Write(group, output);
            }
            _commit.Run();
        });
    }

    /// <summary>For tests that do to the file what nobody may.</summary>
    internal void Execute(string sql) => _connection.Execute(sql);

    public void Dispose()
    {
        _statements.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    private void Use(Action use)
    {
        try
        {
            use();
        }
        catch (SqliteException failure) when (DiskTrouble.IsIn(failure))
        {
            throw DiskTrouble.AtCommit(_folder.DatabaseFile, failure);
        }
    }

    private static SqliteConnection Connect(DataFolder folder)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = folder.DatabaseFile,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            connection.Execute(Schema.Pragmas);
            return connection;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw DiskTrouble.AtStart(folder.DatabaseFile, failure);
        }
    }

    /// <summary>Whether a crash tore the last transaction.</summary>
    private static bool CheckLog(DataFolder folder)
    {
        var lost = WriteAheadLog.CommitsBehindDamage(folder.DatabaseFile + "-wal");
        if (lost <= 1) return lost == 1;
        throw new StartRefusedException(
            $"The file {folder.DatabaseFile}-wal is damaged, and what was written after the damage cannot be "
            + "read. This node does not know what it gave its word for, " + DataFolder.Advice);
    }
}

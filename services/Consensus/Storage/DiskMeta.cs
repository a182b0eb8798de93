using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Contracts;
using Muster.Hosting;

namespace Muster.Consensus.Storage;

/// <summary>Says whose disk a file is: written once, at bootstrap, and compared at every start.</summary>
internal static class DiskMeta
{
    /// <param name="newAt">When set, an empty folder becomes a new disk of this time.</param>
    public static void CreateOrCheck(SqliteConnection connection, DataFolder folder, DiskIdentity identity,
        DateTimeOffset? newAt)
    {
        // A crash during bootstrap leaves a file without tables: the transaction below makes them all or
        // none.
        var hasTables =
            connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'") == 1;
        if (!hasTables)
        {
            if (newAt is not { } now) throw Empty(folder, identity);
            Create(connection, identity, LogId.NewDisk(now));
        }
        Check(connection, folder, identity);
    }

    /// <summary>
    /// The stored name of the log. It is made once, when the last member's disk became known, or now if the
    /// file is from before logs had names; later members change nothing about it.
    /// </summary>
    public static string NameLog(SqliteConnection connection)
    {
        var stored = connection.ExecuteScalar<string?>(Schema.ReadMeta, new { name = "log_id" });
        if (stored is not null) return stored;
        if (HasJoined(connection)) return "";
        var disks = ReadFounders(connection);
        if (disks.ContainsValue("")) return "";
        var logId = LogId.Of(disks);
        connection.Execute(Schema.InsertMeta, new { name = "log_id", value = logId });
        return logId;
    }

    /// <summary>
    /// The disks of all founders, this node's included; empty for one that is not known. A damaged file may
    /// name one node twice.
    /// </summary>
    private static Dictionary<NodeId, string> ReadFounders(SqliteConnection connection)
    {
        var disks = new Dictionary<NodeId, string>();
        foreach (var (node, disk) in connection.Query<(string, string)>(Schema.ReadAllDisks))
        {
            disks[new NodeId(node)] = disk;
        }
        return disks;
    }

    /// <summary>
    /// The disk was made for a node that joins: it learns its members and its log's name from the others.
    /// </summary>
    public static bool HasJoined(SqliteConnection connection) =>
        connection.ExecuteScalar<string?>(Schema.ReadMeta, new { name = "joined" }) is not null;

    /// <summary>A joining disk takes the name of the log whose entries it is given, once.</summary>
    public static void AdoptLog(SqliteConnection connection, string logId) =>
        connection.Execute(Schema.InsertMeta, new { name = "log_id", value = logId });

    /// <summary>
    /// All starts that the file remembers, this one last. It counts, and is on disk, before anybody hears of
    /// it.
    /// </summary>
    /// <exception cref="StartRefusedException">What is there of them is damaged.</exception>
    public static IReadOnlyList<string> CountStart(SqliteConnection connection, DataFolder folder)
    {
        var stored = connection.ExecuteScalar<string?>(Schema.ReadMeta, new { name = "starts" });
        var before = stored is null ? [] : StartIds.Read(stored)
            ?? throw new StartRefusedException(
                $"The list of starts in {folder.DatabaseFile} is damaged: this node cannot show that this is "
                + "its newest folder, " + DataFolder.Advice);
        string[] starts =
            [.. before.TakeLast(StartIds.Most - 1), StartIds.After(before)];
        connection.Execute(Schema.PutMeta, new { name = "starts", value = StartIds.Write(starts) });
        return starts;
    }

    public static string SupersededBy(SqliteConnection connection) =>
        connection.ExecuteScalar<string?>(Schema.ReadMeta, new { name = "superseded" }) ?? "";

    public static void StoreSuperseded(SqliteConnection connection, string startId) =>
        connection.Execute(Schema.PutMeta, new { name = "superseded", value = startId });

    private static void Create(SqliteConnection connection, DiskIdentity identity, string diskId)
    {
        using var transaction = connection.BeginTransaction();
        connection.Execute(Schema.Tables, transaction: transaction);
        var rows = new[]
        {
            new { name = "schema", value = Schema.Version },
            new { name = "cluster_id", value = identity.ClusterId },
            new { name = "node", value = identity.Node.Value },
            new { name = "disk_id", value = diskId },
        };
        connection.Execute(Schema.InsertMeta, rows, transaction);
        if (identity.Joins)
        {
            connection.Execute(Schema.InsertMeta, new { name = "joined", value = "1" }, transaction);
            transaction.Commit();
            return;
        }
        var members = identity.Members.Where(member => member != identity.Node)
            .Select(member => new { node = member.Value });
        connection.Execute("INSERT INTO disks(node, disk_id) VALUES($node, '')", members, transaction);
        transaction.Commit();
    }

    private static void Check(SqliteConnection connection, DataFolder folder, DiskIdentity identity)
    {
        Equal(folder, "schema version", Read("schema"), Schema.Version,
            "It was written by another version of Muster; use that version.");
        Equal(folder, "cluster id", Read("cluster_id"), identity.ClusterId,
            "Choose this cluster's folder, or the ClusterId that it was made with.");
        Equal(folder, "node", Read("node"), identity.Node.Value,
            "Choose this node's folder: each node has one of its own.");
        CheckDisks(connection, folder, Read("disk_id"), Read("log_id"));
        CheckMembers(connection, folder, identity);
        var kept = connection.Query<string>("SELECT group_name FROM hard_state");
        var lost = kept.Except(identity.Groups).ToList();
        if (lost.Count > 0)
        {
            throw new StartRefusedException(
                $"The data folder {folder.Path} keeps the groups '{List(lost)}', "
                + "which Consensus:Groups does not name. A group that a disk once kept it keeps: name it; "
                + "lock groups of the default list by Consensus:LockGroups.");
        }

        string Read(string name) =>
            connection.ExecuteScalar<string?>(Schema.ReadMeta, new { name }) ?? "";
    }

    /// <summary>
    /// Whose answers count, and to what majority, rests on the founders' disks. SQLite checks no content, but
    /// the log's name has a hash over all of them; before there is one, nobody has the same by a wrong list.
    /// </summary>
    private static void CheckDisks(
        SqliteConnection connection, DataFolder folder, string diskId, string logId)
    {
        var mayBeAny = HasJoined(connection) || logId.Length == 0;
        if (diskId.Length > 0 && (mayBeAny || LogId.Of(ReadFounders(connection)) == logId)) return;
        throw new StartRefusedException(
            $"The list of the founders' disks in {folder.DatabaseFile} is damaged: it is not the one that "
            + $"named the log '{logId}'. This node does not know whose answers count, " + DataFolder.Advice);
    }

    /// <summary>After a change by ChangeMembers the log says who belongs to a group.</summary>
    private static void CheckMembers(SqliteConnection connection, DataFolder folder, DiskIdentity identity)
    {
        if (HasJoined(connection)) return;
        var stored = List(connection.Query<string>("SELECT node FROM disks").Append(identity.Node.Value));
        var configured = List(identity.Members.Select(member => member.Value));
        if (stored == configured || connection.ExecuteScalar<long>(Schema.HasOwnMembers) != 0) return;
        Equal(folder, "members", stored, configured,
            "Members are not changed by configuration once the cluster is formed: start the new node with "
            + "Consensus:Join=true, and publish ChangeMembers.");
    }

    private static StartRefusedException Empty(DataFolder folder, DiskIdentity identity) => new(
        $"The data folder {folder.Path} is empty. To form the new cluster '{identity.ClusterId}', "
        + "start every member once with Consensus:Bootstrap=true. If this node belonged to a cluster "
        + "before, bring back the very folder it wrote last, not a copy or backup from earlier: without "
        + "it the node has forgotten votes and entries that it gave its word for, and must not take part "
        + "under its old name. Or remove the member by ChangeMembers, start the node with "
        + "Consensus:Join=true, and add it again.");

    private static void Equal(DataFolder folder, string what, string stored, string configured, string advice)
    {
        if (string.Equals(stored, configured, StringComparison.Ordinal)) return;
        throw new StartRefusedException(
            $"The data folder {folder.Path} has the {what} '{stored}', "
            + $"the configuration says '{configured}'. {advice}");
    }

    private static string List(IEnumerable<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal));
}

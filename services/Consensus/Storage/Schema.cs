namespace Muster.Consensus.Storage;

/// <summary>The tables of <c>consensus.db</c>.</summary>
internal static class Schema
{
    public const string Version = "1";

    /// <summary>
    /// One connection for the file's whole life, so locks are taken once and the WAL index stays in memory.
    /// FULL: each commit is synced, which is what a vote or an acknowledgement rests on.
    /// </summary>
    public const string Pragmas = """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 2000;
        PRAGMA cache_size = -16384;
        PRAGMA temp_store = MEMORY;
        """;

    public const string Tables = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE disks(node TEXT PRIMARY KEY, disk_id TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE hard_state(
            group_name TEXT PRIMARY KEY, term INTEGER NOT NULL, vote TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE entries(
            group_name TEXT NOT NULL, log_index INTEGER NOT NULL, term INTEGER NOT NULL,
            log_time INTEGER NOT NULL, kind INTEGER NOT NULL, payload BLOB NOT NULL,
            PRIMARY KEY(group_name, log_index)) WITHOUT ROWID;
        CREATE TABLE snapshots(
            group_name TEXT PRIMARY KEY, log_index INTEGER NOT NULL, term INTEGER NOT NULL,
            log_time INTEGER NOT NULL, payload BLOB NOT NULL);
        """;

    public const string ReadMeta = "SELECT value FROM meta WHERE name = $name";
    public const string InsertMeta = "INSERT INTO meta(name, value) VALUES($name, $value)";

    /// <summary>Every member's disk, this node's included; empty for one that is not known.</summary>
    public const string ReadAllDisks = """
        SELECT node AS Node, disk_id AS DiskId FROM disks
        UNION ALL
        SELECT (SELECT value FROM meta WHERE name = 'node'), (SELECT value FROM meta WHERE name = 'disk_id')
        """;

    public const string Begin = "BEGIN IMMEDIATE";
    public const string Commit = "COMMIT";

    public const string PutHardState =
        "INSERT OR REPLACE INTO hard_state(group_name, term, vote) VALUES($a, $b, $c)";

    public const string PutSnapshot =
        "INSERT OR REPLACE INTO snapshots(group_name, log_index, term, log_time, payload) "
        + "VALUES($a, $b, $c, $d, $e)";

    public const string DeleteBefore = "DELETE FROM entries WHERE group_name = $a AND log_index < $b";

    public const string DeleteFrom = "DELETE FROM entries WHERE group_name = $a AND log_index >= $b";

    /// <summary>
    /// Plain INSERT: an index that is already there is a broken invariant, and the commit fails.
    /// </summary>
    public const string InsertEntry =
        "INSERT INTO entries(group_name, log_index, term, log_time, kind, payload) "
        + "VALUES($a, $b, $c, $d, $e, $f)";

    public const string ReadHardState =
        "SELECT term AS Term, vote AS Vote FROM hard_state WHERE group_name = $group";

    public const string ReadSnapshot = """
        SELECT log_index AS LogIndex, term AS Term, log_time AS LogTime, 0 AS Kind, payload AS Payload
        FROM snapshots WHERE group_name = $group
        """;

    public const string ReadEntries = """
        SELECT log_index AS LogIndex, term AS Term, log_time AS LogTime, kind AS Kind, payload AS Payload
        FROM entries WHERE group_name = $group ORDER BY log_index
        """;
}

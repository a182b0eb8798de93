namespace Muster.Consensus.Storage;

/// <summary>The tables of <c>consensus.db</c>.</summary>
internal static class Schema
{
    public const string Version = "5";

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
            group_name TEXT PRIMARY KEY, term INTEGER NOT NULL, vote TEXT NOT NULL,
            checksum INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE entries(
            group_name TEXT NOT NULL, log_index INTEGER NOT NULL, term INTEGER NOT NULL,
            log_time INTEGER NOT NULL, kind INTEGER NOT NULL, payload BLOB NOT NULL,
            checksum INTEGER NOT NULL, PRIMARY KEY(group_name, log_index)) WITHOUT ROWID;
        CREATE TABLE snapshots(
            group_name TEXT PRIMARY KEY, log_index INTEGER NOT NULL, term INTEGER NOT NULL,
            log_time INTEGER NOT NULL, payload BLOB NOT NULL, membership BLOB NOT NULL,
            checksum INTEGER NOT NULL);
        CREATE TABLE tails(
            group_name TEXT PRIMARY KEY, last_index INTEGER NOT NULL,
            checksum INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE repairs(
            group_name TEXT PRIMARY KEY, lost_up_to INTEGER NOT NULL, term INTEGER NOT NULL,
            checksum INTEGER NOT NULL) WITHOUT ROWID;
        """;

    public const string ReadMeta = "SELECT CAST(value AS TEXT) FROM meta WHERE name = $name";
    public const string PutMeta = "INSERT OR REPLACE INTO meta(name, value) VALUES($name, $value)";
    public const string InsertMeta = "INSERT INTO meta(name, value) VALUES($name, $value)";

    /// <summary>Every member's disk, this node's included; empty for one that is not known.</summary>
    public const string ReadAllDisks = """
        SELECT CAST(node AS TEXT) AS Node, coalesce(CAST(disk_id AS TEXT), '') AS DiskId FROM disks
        UNION ALL
        SELECT (SELECT CAST(value AS TEXT) FROM meta WHERE name = 'node'),
            (SELECT CAST(value AS TEXT) FROM meta WHERE name = 'disk_id')
        """;

    public const string ReadKnownDisks =
        "SELECT CAST(node AS TEXT), CAST(disk_id AS TEXT) FROM disks WHERE disk_id <> ''";

    /// <summary>Whether the members were ever changed, by an entry (kind 2) or in a snapshot.</summary>
    public const string HasOwnMembers = """
        SELECT EXISTS(SELECT 1 FROM entries WHERE kind = 2)
            OR EXISTS(SELECT 1 FROM snapshots WHERE length(membership) > 0)
        """;

    /// <summary>Moves what the write-ahead log has into the database, and cuts it to nothing.</summary>
    public const string EmptyLog = "PRAGMA wal_checkpoint(TRUNCATE)";

    public const string Begin = "BEGIN IMMEDIATE";
    public const string Commit = "COMMIT";

    public const string PutHardState =
        "INSERT OR REPLACE INTO hard_state(group_name, term, vote, checksum) VALUES($a, $b, $c, $d)";

    public const string PutSnapshot =
        "INSERT OR REPLACE INTO "
        + "snapshots(group_name, log_index, term, log_time, payload, membership, checksum) "
        + "VALUES($a, $b, $c, $d, $e, $f, $g)";

    public const string PutTail =
        "INSERT OR REPLACE INTO tails(group_name, last_index, checksum) VALUES($a, $b, $c)";

    public const string EndRepair = "DELETE FROM repairs WHERE group_name = $a";

    public const string DeleteBefore = "DELETE FROM entries WHERE group_name = $a AND log_index < $b";

    public const string DeleteFrom = "DELETE FROM entries WHERE group_name = $a AND log_index >= $b";

    /// <summary>
    /// Plain INSERT: an index that is already there is a broken invariant, and the commit fails.
    /// </summary>
    public const string InsertEntry =
        "INSERT INTO entries(group_name, log_index, term, log_time, kind, payload, checksum) "
        + "VALUES($a, $b, $c, $d, $e, $f, $g)";

    public const string ReadHardState = """
        SELECT coalesce(CAST(term AS INTEGER), 0), coalesce(CAST(vote AS TEXT), ''),
            coalesce(CAST(checksum AS INTEGER), 0)
        FROM hard_state WHERE group_name = $group
        """;

    private const string IndexTermAndTime = """
        coalesce(CAST(log_index AS INTEGER), 0), coalesce(CAST(term AS INTEGER), 0),
        coalesce(CAST(log_time AS INTEGER), 0)
        """;

    private const string PayloadAndChecksum =
        "coalesce(CAST(payload AS BLOB), x''), coalesce(CAST(checksum AS INTEGER), 0)";

    private const string SelectEntries =
        $"SELECT {IndexTermAndTime}, coalesce(CAST(kind AS INTEGER), 0), {PayloadAndChecksum}, x'' "
        + "FROM entries";

    public const string ReadSnapshot = $"""
        SELECT {IndexTermAndTime}, -1, {PayloadAndChecksum}, coalesce(CAST(membership AS BLOB), x'')
        FROM snapshots WHERE group_name = $group
        """;

    public const string ReadAllEntries =
        "SELECT log_index, term, log_time, kind, payload, checksum FROM entries WHERE group_name = $a "
        + "ORDER BY log_index";

    public const string ReadSomeEntries =
        $"{SelectEntries} WHERE group_name = $group AND log_index BETWEEN $from AND $last ORDER BY log_index";

    /// <summary>Gives back what is cached, so that the next read is one of the file.</summary>
    public const string ForgetPages = "PRAGMA shrink_memory";

    public const string DeleteRange =
        "DELETE FROM entries WHERE group_name = $group AND log_index BETWEEN $from AND $last";

    public const string PutEntry =
        "INSERT OR REPLACE INTO entries(group_name, log_index, term, log_time, kind, payload, checksum) "
        + "VALUES($group, $LogIndex, $Term, $LogTime, $Kind, $Payload, $Checksum)";

    public const string PutWholeSnapshot =
        "INSERT OR REPLACE INTO "
        + "snapshots(group_name, log_index, term, log_time, payload, membership, checksum) "
        + "VALUES($group, $LogIndex, $Term, $LogTime, $Payload, $Membership, $Checksum)";

    public const string CountRows = """
        SELECT (SELECT count(*) FROM entries WHERE group_name = $group)
            + (SELECT count(*) FROM snapshots WHERE group_name = $group)
            + (SELECT count(*) FROM tails WHERE group_name = $group)
            + (SELECT count(*) FROM repairs WHERE group_name = $group)
        """;

    public const string ReadLastIndex =
        "SELECT coalesce(CAST(max(log_index) AS INTEGER), 0) FROM entries WHERE group_name = $group";

    public const string ReadTail = """
        SELECT coalesce(CAST(last_index AS INTEGER), 0), coalesce(CAST(checksum AS INTEGER), 0)
        FROM tails WHERE group_name = $group
        """;

    public const string ReadRepair = """
        SELECT coalesce(CAST(lost_up_to AS INTEGER), 0), coalesce(CAST(term AS INTEGER), 0),
            coalesce(CAST(checksum AS INTEGER), 0)
        FROM repairs WHERE group_name = $group
        """;

    public const string PutRepair =
        "INSERT OR REPLACE INTO repairs(group_name, lost_up_to, term, checksum) "
        + "VALUES($group, $lostUpTo, $term, $checksum)";

    public const string DropSnapshot = "DELETE FROM snapshots WHERE group_name = $group";

    public const string DropEntries = "DELETE FROM entries WHERE group_name = $group";
}

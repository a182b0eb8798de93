namespace Muster.Lock.History;

/// <summary>The file's statements.</summary>
internal static class HistorySchema
{
    /// <summary>A file of another one is put aside: it is only a copy.</summary>
    public const long Version = 1;

    public const string Create = """
        CREATE TABLE IF NOT EXISTS history (
            entry INTEGER NOT NULL, ordinal INTEGER NOT NULL, kind INTEGER NOT NULL, cause TEXT NOT NULL,
            logTime INTEGER NOT NULL, at INTEGER NOT NULL, isLate INTEGER NOT NULL, name TEXT NOT NULL,
            sessionId TEXT NOT NULL, owner TEXT NOT NULL, acquireId TEXT NOT NULL, flow TEXT NOT NULL,
            mode INTEGER NOT NULL, permits INTEGER NOT NULL, isUpgrade INTEGER NOT NULL,
            token INTEGER NOT NULL, duration INTEGER, ahead INTEGER NOT NULL, commandId TEXT NOT NULL,
            reason TEXT NOT NULL, ttl INTEGER, sinceRenewal INTEGER,
            PRIMARY KEY (entry, ordinal)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS by_name ON history (name, entry, ordinal) WHERE name <> '';
        CREATE INDEX IF NOT EXISTS by_session ON history (sessionId, entry, ordinal);
        CREATE INDEX IF NOT EXISTS by_token ON history (token, entry, ordinal) WHERE token <> 0;
        CREATE TABLE IF NOT EXISTS gaps (
            fromEntry INTEGER NOT NULL, toEntry INTEGER NOT NULL, cause INTEGER NOT NULL,
            at INTEGER NOT NULL, PRIMARY KEY (fromEntry, toEntry, cause)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS coverage (
            one INTEGER PRIMARY KEY CHECK (one = 1), logId TEXT NOT NULL, since INTEGER NOT NULL,
            sinceAt INTEGER NOT NULL, upTo INTEGER NOT NULL);
        PRAGMA user_version = 1;
        """;

    public const string AddRow = """
        INSERT OR IGNORE INTO history (
            entry, ordinal, kind, cause, logTime, at, isLate, name,
            sessionId, owner, acquireId, flow, mode, permits,
            isUpgrade, token, duration, ahead, commandId, reason, ttl,
            sinceRenewal)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """;

    public const string AddGap = "INSERT OR IGNORE INTO gaps VALUES (@From, @To, @Cause, @At)";

    public const string ReadCoverage = "SELECT logId, since, sinceAt, upTo FROM coverage";

    public const string WriteCoverage =
        "INSERT OR REPLACE INTO coverage VALUES (1, @LogId, @Since, @SinceAt, @UpTo)";

    public const string Clear = "DELETE FROM history; DELETE FROM gaps; DELETE FROM coverage";

    public const string ReadGaps = """
        SELECT fromEntry, toEntry, cause, at FROM gaps ORDER BY fromEntry DESC LIMIT 100
        """;

    /// <summary>The row before which the oldest so many are.</summary>
    public const string FindOldest =
        "SELECT entry, ordinal, at FROM history ORDER BY entry, ordinal LIMIT 1 OFFSET @skip";

    /// <summary>How many of the oldest so many are older than that.</summary>
    public const string CountOld = """
        SELECT count(*) FROM (SELECT at FROM history ORDER BY entry, ordinal LIMIT @most) WHERE at < @oldest
        """;

    public const string RemoveUpTo = "DELETE FROM history WHERE (entry, ordinal) <= (@Entry, @Ordinal)";

    public const string RemoveGap = "DELETE FROM history WHERE entry BETWEEN @From AND @To";

    public const string RemoveGapsUpTo = "DELETE FROM gaps WHERE toEntry <= @Entry";
}

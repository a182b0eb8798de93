using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Hosting;

namespace Muster.Lock.History;

/// <summary>
/// A group's history in one SQLite file, with one connection that the writer owns. Not thread-safe. It is a
/// copy of what the log did: losing it loses answers, and nothing else.
/// </summary>
internal sealed class HistoryFile : IDisposable
{
    private const int DamagedCode = 11;
    private const int NoDatabaseCode = 26;

    private readonly SqliteConnection _connection;
    private readonly PreparedStatement _addRow;
    private HistoryCoverage? _coverage;
    private long _rows;

    private HistoryFile(SqliteConnection connection)
    {
        _connection = connection;
        _coverage = connection.QuerySingleOrDefault<HistoryCoverage>(HistorySchema.ReadCoverage);
        _rows = connection.ExecuteScalar<long>("SELECT count(*) FROM history");
        _addRow = new PreparedStatement(connection, HistorySchema.AddRow);
    }

    /// <summary>Null: nothing was ever written.</summary>
    public HistoryCoverage? Coverage => _coverage;

    public long Rows => _rows;

    /// <param name="path">
    /// Empty: SQLite's own temporary one, in memory while it is small, and gone when it is closed.
    /// </param>
    /// <param name="maxPages">Of 4 KiB, for tests of a full disk; 0: no limit.</param>
    /// <exception cref="SqliteException">It cannot be opened, or is damaged: see <see cref="IsDamage"/>.
    /// </exception>
    /// <exception cref="IOException">Its folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder cannot be made.</exception>
    public static HistoryFile Open(string path, int maxPages = 0)
    {
        if (path.Length > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = 5,
        }.ConnectionString);
        try
        {
            connection.Open();
            var version = connection.ExecuteScalar<long>("PRAGMA user_version");
            if (version is not (0 or HistorySchema.Version))
            {
                throw new SqliteException(
                    $"Its version is {version}, not {HistorySchema.Version}.", DamagedCode);
            }
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
            if (maxPages > 0)
            {
                connection.Execute($"PRAGMA max_page_count = {maxPages}");
            }
            connection.Execute(HistorySchema.Create);
            return new HistoryFile(connection);
        }
        catch (Exception)
        {
            connection.Dispose(); // whatever it was, the file must be free
            throw;
        }
    }

    public static bool IsDamage(Exception? failure) =>
        failure is SqliteException { SqliteErrorCode: DamagedCode or NoDatabaseCode };

    /// <summary>Makes room for a new file; the newest damaged one stays beside it.</summary>
    /// <returns>Where it is now.</returns>
    public static string PutAside(string path)
    {
        var aside = path + ".damaged";
        File.Move(path, aside, overwrite: true);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        return aside;
    }

    /// <summary>
    /// All of it or nothing. What is of entries that it has already is left out; another log's history is
    /// begun anew.
    /// </summary>
    public int Append(HistorySpan span)
    {
        if (span.IsEmpty)
        {
            return 0;
        }
        using var transaction = _connection.BeginTransaction();
        var isNew = _coverage?.LogId != span.LogId;
        if (isNew)
        {
            _connection.Execute(HistorySchema.Clear, transaction: transaction);
        }
        var removed = _connection.Execute(HistorySchema.RemoveGap, span.Withdrawn, transaction);
        var before = isNew
            ? new HistoryCoverage(span.LogId, span.From, span.FromAt, span.From - 1)
            : _coverage!;
        var rows = span.Items.Where(item => item.Index > before.UpTo).SelectMany(HistoryRow.Of);
        var added = rows.Sum(Add);
        _connection.Execute(
            HistorySchema.AddGap, Behind(before.UpTo, span).Concat(Since(before.Since, span)), transaction);
        var after = before with { UpTo = Math.Max(before.UpTo, span.To) };
        _connection.Execute(HistorySchema.WriteCoverage, after, transaction);
        transaction.Commit();
        (_coverage, _rows) = (after, isNew ? added : _rows - removed + added);
        return added;
    }

    /// <summary>Forgets the oldest, where there are too many or they are too old; a slice of them.</summary>
    /// <param name="mostRows">Stay at most.</param>
    /// <param name="oldest">UTC milliseconds; what is older goes.</param>
    /// <param name="slice">Rows that go at most.</param>
    public void Trim(long mostRows, long oldest, int slice)
    {
        if (_coverage is not { } before || _rows == 0)
        {
            return;
        }
        var first = FindOldest(0);
        var old = first.At < oldest
            ? _connection.ExecuteScalar<long>(HistorySchema.CountOld, new { most = slice, oldest })
            : 0;
        var leaving = Math.Min(slice, Math.Max(old, _rows - mostRows));
        if (leaving <= 0)
        {
            return;
        }
        using var transaction = _connection.BeginTransaction();
        var last = FindOldest(leaving - 1);
        var removed = _connection.Execute(
            HistorySchema.RemoveUpTo, new { last.Entry, last.Ordinal }, transaction);
        _connection.Execute(HistorySchema.RemoveGapsUpTo, new { last.Entry }, transaction);
        var after = before with { Since = last.Entry + 1, SinceAt = last.At };
        _connection.Execute(HistorySchema.WriteCoverage, after, transaction);
        transaction.Commit();
        (_coverage, _rows) = (after, _rows - removed);
    }

    public HistoryPage Read(Contracts.Lock.ReadLockHistory query) => HistoryPage.Read(_connection, query);

    public void Dispose()
    {
        _addRow.Dispose();
        _connection.Dispose();
    }

    private int Add(HistoryRow row) => _addRow.Run(
        row.Entry, (long)row.Ordinal, (long)row.Kind, row.Cause, row.LogTime, row.At, row.IsLate ? 1L : 0L,
        row.Name, row.SessionId, row.Owner, row.AcquireId, row.Flow, (long)row.Mode, (long)row.Permits,
        row.IsUpgrade ? 1L : 0L, row.Token, row.Duration, (long)row.Ahead, row.CommandId, row.Reason, row.Ttl,
        row.SinceRenewal);

    private (long Entry, long Ordinal, long At) FindOldest(long skip) =>
        _connection.QuerySingle<(long, long, long)>(HistorySchema.FindOldest, new { skip });

    private static IEnumerable<HistoryGap> Since(long first, HistorySpan span) => span.Withdrawn
        .Where(gap => gap.To >= first)
        .Select(gap => gap with { From = Math.Max(gap.From, first) });

    private static IEnumerable<HistoryGap> Behind(long last, HistorySpan span)
    {
        if (span.From > last + 1)
        {
            yield return new(
                last + 1, span.From - 1, Contracts.Lock.LockHistoryGapCause.NotApplied, span.FromAt);
        }
        foreach (var gap in span.Gaps.Where(gap => gap.To > last))
        {
            yield return gap with { From = Math.Max(gap.From, last + 1) };
        }
    }
}

/// <summary>Of which log, and from where to where the history goes.</summary>
/// <param name="LogId">The log's.</param>
/// <param name="Since">The first entry that it has.</param>
/// <param name="SinceAt">UTC milliseconds: about when that was applied.</param>
/// <param name="UpTo">The last entry that it has.</param>
internal sealed record HistoryCoverage(string LogId, long Since, long SinceAt, long UpTo);

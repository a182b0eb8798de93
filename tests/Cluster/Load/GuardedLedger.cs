using Microsoft.Data.Sqlite;
using Muster.Contracts;
using Muster.Host.Demo;

namespace Muster.Cluster.Load;

/// <summary>
/// The demo's guarded SQLite ledger, for the many workers of one process; worker processes open the same
/// file.
/// </summary>
public sealed class GuardedLedger(string path) : IDisposable
{
    private readonly System.Threading.Lock _gate = new();
    private readonly Ledger _ledger = new(path);

    public string Path => path;

    public void Enter(string item, FencingToken token)
    {
        lock (_gate)
        {
            _ledger.Enter(item, token);
        }
    }

    public bool TryWrite(string item, long id, FencingToken token, string worker)
    {
        lock (_gate)
        {
            return _ledger.TryWrite(item, id, token, worker);
        }
    }

    public IReadOnlyList<LedgerResult> Results()
    {
        lock (_gate)
        {
            return _ledger.Results();
        }
    }

    /// <summary>
    /// Writes that an unguarded resource would have taken although a newer holder had been there.
    /// </summary>
    public IReadOnlyList<LedgerRefusal> Refusals()
    {
        lock (_gate)
        {
            return _ledger.Refusals();
        }
    }

    /// <summary>
    /// Nobody is in the middle of a write: who is stopped there holds up all others for as long.
    /// </summary>
    public bool IsFree()
    {
        using var connection = new SqliteConnection($"Data Source={path};Default Timeout=1");
        connection.Open();
        try
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            return true;
        }
        catch (SqliteException busy) when (busy.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            return false;
        }
    }

    public void Dispose() => _ledger.Dispose();
}

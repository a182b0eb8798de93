using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Hosting;

/// <summary>
/// A statement compiled once, whose parameters are bound by their place. Straight to SQLite: for short
/// statements ADO.NET's command and reader take longer than the statement, and it looks for each parameter by
/// its name.
/// </summary>
public sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    /// <param name="connection">Outlives the statement.</param>
    /// <param name="sql">One statement.</param>
    /// <exception cref="SqliteException">It does not compile.</exception>
    public PreparedStatement(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>For a statement without rows.</summary>
    /// <param name="values">Each a long, a string, a byte[] or null.</param>
    /// <returns>Rows that are changed.</returns>
    /// <exception cref="SqliteException">It was not done.</exception>
    public int Run(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        var done = raw.sqlite3_step(_statement);
        // Gives the same code once more after a failure; then the step's own is thrown.
        var reset = raw.sqlite3_reset(_statement);
        if (done != raw.SQLITE_DONE) Check(done);
        Check(reset);
        return raw.sqlite3_changes(_connection);
    }

    /// <param name="values">Each a long, a string, a byte[] or null.</param>
    public void Bind(params ReadOnlySpan<object?> values)
    {
        for (var position = 0; position < values.Length; position++)
        {
            Check(Bind(position + 1, values[position]));
        }
    }

    /// <summary>
    /// The next row of what is bound, until the next call; null after the last, and then no more calls: the
    /// statement would begin anew.
    /// </summary>
    /// <exception cref="SqliteException">It could not be read.</exception>
    public sqlite3_stmt? Next()
    {
        var step = raw.sqlite3_step(_statement);
        if (step == raw.SQLITE_ROW) return _statement;
        if (step != raw.SQLITE_DONE) Check(step);
        return null;
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int position, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, position),
        long number => raw.sqlite3_bind_int64(_statement, position, number),
        string text => raw.sqlite3_bind_text(_statement, position, text),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, position, bytes),
        _ => throw new ArgumentException($"A {value.GetType()} is no column."),
    };

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _connection);
}

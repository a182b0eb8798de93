using Microsoft.Data.Sqlite;

namespace Muster.Hosting;

/// <summary>
/// All statements of a connection, ended together and before it: a connection that is closed before its
/// statements lives on, and with it its hold of the file.
/// </summary>
public sealed class PreparedStatements(SqliteConnection connection) : IDisposable
{
    private readonly List<PreparedStatement> _all = [];

    /// <exception cref="SqliteException">It does not compile.</exception>
    public PreparedStatement Prepare(string sql)
    {
        var statement = new PreparedStatement(connection, sql);
        _all.Add(statement);
        return statement;
    }

    public void Dispose() => _all.ForEach(statement => statement.Dispose());
}

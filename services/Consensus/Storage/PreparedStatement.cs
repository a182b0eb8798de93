using Microsoft.Data.Sqlite;

namespace Muster.Consensus.Storage;

/// <summary>A statement compiled once, with the parameters $a, $b, ... in order.</summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public PreparedStatement(SqliteConnection connection, string sql, params ReadOnlySpan<SqliteType> types)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        for (var position = 0; position < types.Length; position++)
        {
            _command.Parameters.Add("$" + (char)('a' + position), types[position]);
        }
        _command.Prepare();
    }

    public void Run(params ReadOnlySpan<object> values)
    {
        for (var position = 0; position < values.Length; position++)
        {
            _command.Parameters[position].Value = values[position];
        }
        _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();
}

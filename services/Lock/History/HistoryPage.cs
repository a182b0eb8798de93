using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Contracts.Lock;

namespace Muster.Lock.History;

/// <summary>What a query finds.</summary>
/// <param name="Rows">In the order that was asked for.</param>
/// <param name="HasMore">There are more behind them.</param>
/// <param name="Gaps">The newest first.</param>
internal sealed record HistoryPage(
    IReadOnlyList<HistoryRow> Rows, bool HasMore, IReadOnlyList<HistoryGap> Gaps)
{
    /// <summary>A page takes about so many characters of a message at most.</summary>
    private const int MostCharacters = 512 * 1024;

    public static HistoryPage Read(SqliteConnection connection, ReadLockHistory query)
    {
        var found = connection.Query<HistoryRow>(Sql(query), new
        {
            name = query.Name,
            session = query.SessionId,
            token = query.FencingToken.Value,
            from = query.From?.ToUnixTimeMilliseconds(),
            until = query.Until?.ToUnixTimeMilliseconds(),
            entry = query.AfterIndex.Value,
            ordinal = query.AfterOrdinal,
            limit = query.Limit + 1,
        }, buffered: false);
        var (rows, characters, hasMore) = (new List<HistoryRow>(), 0, false);
        foreach (var row in found)
        {
            characters += row.Size;
            hasMore = rows.Count == query.Limit || (rows.Count > 0 && characters > MostCharacters);
            if (hasMore)
            {
                break;
            }
            rows.Add(row);
        }
        var gaps = connection.Query<(long From, long To, long Cause, long At)>(HistorySchema.ReadGaps)
            .Select(gap => new HistoryGap(gap.From, gap.To, (LockHistoryGapCause)gap.Cause, gap.At));
        return new(rows, hasMore, [.. gaps]);
    }

    /// <summary>
    /// Each condition that is asked for. A name, a session and a token have an index in the page's order;
    /// times are looked at row by row.
    /// </summary>
    private static string Sql(ReadLockHistory query)
    {
        var conditions = new List<string> { "TRUE" };
        Add(!string.IsNullOrEmpty(query.Name), "name = @name AND name <> ''");
        Add(!string.IsNullOrEmpty(query.SessionId), "sessionId = @session");
        Add(query.FencingToken.Value > 0, "token = @token AND token <> 0");
        Add(query.From is not null, "at >= @from");
        Add(query.Until is not null, "at < @until");
        Add(query.AfterIndex.Value > 0,
            $"(entry, ordinal) {(query.NewestFirst ? "<" : ">")} (@entry, @ordinal)");
        var order = query.NewestFirst ? "entry DESC, ordinal DESC" : "entry, ordinal";
        return $"SELECT * FROM history WHERE {string.Join(" AND ", conditions)} "
            + $"ORDER BY {order} LIMIT @limit";

        void Add(bool isAsked, string condition)
        {
            if (isAsked)
            {
                conditions.Add(condition);
            }
        }
    }
}

using System.Collections.Concurrent;

namespace Muster.Lock.Consumers;

/// <summary>
/// The commands that this replica took and whose first answer is still owed. A message stays unacknowledged
/// while one of its commands is in here, so the broker gives it to another replica if this one dies.
/// </summary>
public sealed class PendingAnswers
{
    private readonly ConcurrentDictionary<string, Action> _settled = new(StringComparer.Ordinal);

    public int Count => _settled.Count;

    /// <summary>Calls <paramref name="settled"/> once, after the command's next answer. A second delivery of
    /// the same command joins the first: both are settled by one answer.</summary>
    public void Add(string commandId, Action settled) =>
        _settled.AddOrUpdate(commandId, settled, (_, earlier) => earlier + settled);

    /// <summary>The command's answer is sent.</summary>
    public void Settle(string commandId)
    {
        if (_settled.TryRemove(commandId, out var settled))
        {
            settled();
        }
    }
}

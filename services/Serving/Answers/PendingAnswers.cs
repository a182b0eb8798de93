using System.Collections.Concurrent;
using Muster.Contracts;

namespace Muster.Serving;

/// <summary>
/// The commands that this replica took and whose first answer is still owed. A message stays unacknowledged
/// while one of its commands is in here, so the broker gives it to another replica if this one dies.
/// </summary>
public sealed class PendingAnswers
{
    // By sender as well: two that use one id must not settle each other's messages.
    private readonly ConcurrentDictionary<(ReplyAddress? Sender, string CommandId), Action> _settled = new();

    public int Count => _settled.Count;

    /// <summary>
    /// Calls <paramref name="settled"/> once, after the command's next answer. False: the command is under
    /// way here already, and this delivery joins the first. It needs no proposal of its own, and must get no
    /// answer of its own either: a refusal would deny what the first may yet do.
    /// </summary>
    public bool TryAdd(ReplyAddress? sender, string commandId, Action settled)
    {
        var key = (sender, commandId);
        while (!_settled.TryAdd(key, settled))
        {
            if (_settled.TryGetValue(key, out var earlier)
                && _settled.TryUpdate(key, earlier + settled, earlier))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The command's answer is sent.</summary>
    public void Settle(ReplyAddress? sender, string commandId)
    {
        if (_settled.TryRemove((sender, commandId), out var settled))
        {
            settled();
        }
    }
}

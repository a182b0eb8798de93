using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Muster.Lock.Consumers;

namespace Muster.Lock.Outcomes;

/// <summary>
/// Sends answers: to an inbox gathered in <see cref="LockReplyBatch"/>, to everybody else as the single
/// contract. Used by the replica's loop and by consumers; gathering is for the loop alone.
/// </summary>
public sealed class LockReplies(IReplySender sender)
{
    private const int MaxGathered = 256;

    private readonly Dictionary<string, List<LockReply>> _gathered = new(StringComparer.Ordinal);

    /// <summary>Sends one answer at once; without an address nobody wants it.</summary>
    public void Send(ReplyAddress? to, LockReply reply)
    {
        if (to is null)
        {
            return;
        }
        if (IsInbox(to))
        {
            sender.Send(to, new LockReplyBatch { Replies = [reply] });
        }
        else
        {
            sender.Send(to, LockCommands.Content(reply));
        }
    }

    /// <summary>Sends the answer to a query.</summary>
    public void SendContent(ReplyAddress? to, object content)
    {
        if (to is null)
        {
            return;
        }
        if (IsInbox(to) && AsReply(content) is { } reply)
        {
            sender.Send(to, new LockReplyBatch { Replies = [reply] });
        }
        else
        {
            sender.Send(to, content);
        }
    }

    /// <summary>
    /// Keeps an answer until <see cref="Flush"/>, so that one entry's answers to one process are one message.
    /// </summary>
    public void Gather(ReplyAddress? to, LockReply reply)
    {
        if (to is null || !IsInbox(to))
        {
            Send(to, reply);
            return;
        }
        if (!_gathered.TryGetValue(to.Address, out var replies))
        {
            _gathered[to.Address] = replies = [];
        }
        replies.Add(reply);
        if (replies.Count >= MaxGathered)
        {
            Flush(to.Address, replies);
        }
    }

    public void Flush()
    {
        foreach (var (address, replies) in _gathered)
        {
            Flush(address, replies);
        }
        _gathered.Clear();
    }

    private void Flush(string address, List<LockReply> replies)
    {
        if (replies.Count > 0)
        {
            sender.Send(
                new ReplyAddress { Address = address }, new LockReplyBatch { Replies = [.. replies] });
            replies.Clear();
        }
    }

    private static bool IsInbox(ReplyAddress to) =>
        to.Address.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal);

    private static LockReply? AsReply(object content) => content switch
    {
        LockDescription description => new LockReply { LockDescription = description },
        LockRefused refused => new LockReply { LockRefused = refused },
        LockUnknown unknown => new LockReply { LockUnknown = unknown },
        _ => null,
    };
}

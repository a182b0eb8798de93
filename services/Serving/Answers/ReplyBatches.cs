using Muster.Contracts;
using Muster.Hosting;

namespace Muster.Serving;

/// <summary>
/// Sends a service's answers: to an inbox in its reply batch, to everybody else as the single contract.
/// Sending is for any thread; gathering is not thread-safe, so who gathers has one of its own.
/// </summary>
/// <param name="sender">What takes the messages.</param>
/// <param name="batch">Replies to the service's batch contract.</param>
/// <param name="content">The single contract inside a reply.</param>
public sealed class ReplyBatches<TReply>(
    IReplySender sender, Func<IReadOnlyList<TReply>, object> batch, Func<TReply, object> content)
    where TReply : class
{
    private const int MaxGathered = 256;

    private readonly Dictionary<string, List<TReply>> _gathered = new(StringComparer.Ordinal);

    /// <summary>Sends one answer at once; without an address nobody wants it.</summary>
    public void Send(ReplyAddress? to, TReply reply)
    {
        if (to is not null)
        {
            sender.Send(to, IsInbox(to) ? batch([reply]) : content(reply));
        }
    }

    /// <summary>Sends a contract that is no part of batches, at once.</summary>
    public void SendContent(ReplyAddress? to, object message)
    {
        if (to is not null)
        {
            sender.Send(to, message);
        }
    }

    /// <summary>
    /// Keeps an answer until <see cref="Flush"/>, so that one entry's answers to one process are one message.
    /// </summary>
    public void Gather(ReplyAddress? to, TReply reply)
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

    /// <summary>Sends what is gathered.</summary>
    public void Flush()
    {
        foreach (var (address, replies) in _gathered)
        {
            Flush(address, replies);
        }
        _gathered.Clear();
    }

    private void Flush(string address, List<TReply> replies)
    {
        if (replies.Count > 0)
        {
            sender.Send(new ReplyAddress { Address = address }, batch([.. replies]));
            replies.Clear();
        }
    }

    private static bool IsInbox(ReplyAddress to) =>
        to.Address.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal);
}

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
/// <param name="length">
/// The characters and bytes of a reply's long parts, which bound a batch as the replies' number does; null:
/// all of them are short.
/// </param>
public sealed class ReplyBatches<TReply>(
    IReplySender sender, Func<IReadOnlyList<TReply>, object> batch, Func<TReply, object> content,
    Func<TReply, long>? length = null)
    where TReply : class
{
    private const int MaxGathered = 256;

    /// <summary>
    /// The broker takes 16 MiB, and JSON may make six bytes of a character: what is larger would be dropped,
    /// and again when it is asked for again.
    /// </summary>
    private const long MaxLength = 1024 * 1024;

    private readonly Dictionary<string, Gathered> _gathered = new(StringComparer.Ordinal);

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
        if (!_gathered.TryGetValue(to.Address, out var gathered))
        {
            _gathered[to.Address] = gathered = new();
        }
        var added = length?.Invoke(reply) ?? 0;
        if (gathered.Length + added > MaxLength)
        {
            Flush(to.Address, gathered);
        }
        gathered.Replies.Add(reply);
        gathered.Length += added;
        if (gathered.Replies.Count >= MaxGathered)
        {
            Flush(to.Address, gathered);
        }
    }

    /// <summary>Sends what is gathered.</summary>
    public void Flush()
    {
        foreach (var (address, gathered) in _gathered)
        {
            Flush(address, gathered);
        }
        _gathered.Clear();
    }

    private void Flush(string address, Gathered gathered)
    {
        if (gathered.Replies.Count > 0)
        {
            sender.Send(new ReplyAddress { Address = address }, batch([.. gathered.Replies]));
            gathered.Replies.Clear();
            gathered.Length = 0;
        }
    }

    private static bool IsInbox(ReplyAddress to) =>
        to.Address.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal);

    /// <summary>What waits for one address.</summary>
    private sealed class Gathered
    {
        public List<TReply> Replies { get; } = [];

        public long Length { get; set; }
    }
}

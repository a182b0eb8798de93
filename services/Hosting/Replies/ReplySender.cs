using System.Text;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts;

namespace Muster.Hosting;

/// <summary>
/// Sends answers where they were asked for. Never blocks, never throws: a lost answer is asked for again by
/// id.
/// </summary>
public interface IReplySender
{
    void Send<T>(ReplyAddress to, T message) where T : class;
}

/// <summary>
/// Inboxes and queues through the link, in bare JSON with the request's id as correlation id; MassTransit's
/// response addresses in an envelope, through <see cref="EnvelopeReplies"/>. One per link: its owner makes or
/// registers it.
/// </summary>
public sealed partial class ReplySender(IBusLink link, EnvelopeReplies envelopes, ILogger<ReplySender> logger)
    : IReplySender
{
    /// <summary>An AMQP routing key or correlation id holds no more bytes.</summary>
    private const int MaxNameBytes = 255;

    public void Send<T>(ReplyAddress to, T message) where T : class
    {
        if (to.Address.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal))
        {
            var inbox = to.Address[ReplyAddress.InboxScheme.Length..];
            Finish(to, IsUsable(to, inbox) && link.Send(inbox, message, OptionsOf(to)));
        }
        else if (to.Address.StartsWith(ReplyAddress.QueueScheme, StringComparison.Ordinal))
        {
            var queue = to.Address[ReplyAddress.QueueScheme.Length..];
            Finish(to, IsUsable(to, queue) && link.SendToQueue(queue, message, OptionsOf(to)));
        }
        else
        {
            envelopes.Post(to, message);
        }
    }

    private static SendOptions OptionsOf(ReplyAddress to) =>
        new() { CorrelationId = to.RequestId.Length == 0 ? null : to.RequestId };

    private static bool IsUsable(ReplyAddress to, string name) =>
        name.Length > 0
        && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes
        && Encoding.UTF8.GetByteCount(to.RequestId) <= MaxNameBytes;

    private void Finish(ReplyAddress to, bool isSent)
    {
        if (!isSent)
        {
            LogDropped(to.Address);
        }
    }

    [LoggerMessage(9021, LogLevel.Debug,
        "An answer to {Address} was dropped: the link is down or full, or the address unusable")]
    private partial void LogDropped(string address);
}

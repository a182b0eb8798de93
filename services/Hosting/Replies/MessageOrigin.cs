using MassTransit;
using Muster.Contracts;

namespace Muster.Hosting;

/// <summary>What a message says about its sender, whichever form it came in.</summary>
public static class MessageOrigin
{
    /// <summary>
    /// Where the message itself asks for its answer (a contract's own <c>ReplyTo</c> comes first, and is the
    /// consumer's business): a MassTransit request's response address, or <c>reply_to</c> with
    /// <c>correlation_id</c>, or <c>message_id</c> when there is none. Null: it asks for none.
    /// </summary>
    public static ReplyAddress? ReplyAddressOf(this ConsumeContext context)
    {
        var properties = BareProperties.Of(context.ReceiveContext);
        if (context.ResponseAddress is { } response)
        {
            return new ReplyAddress
            {
                Address = EnvelopeRoute.Replicable(response, properties.ReplyTo),
                RequestId = context.RequestId?.ToString() ?? "",
            };
        }
        if (properties.ReplyTo is not { } replyTo)
        {
            return null;
        }
        var isInbox = replyTo.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal);
        return new ReplyAddress
        {
            Address = isInbox ? replyTo : ReplyAddress.QueueScheme + replyTo,
            RequestId = properties.CorrelationId ?? properties.MessageId ?? "",
        };
    }

    /// <summary>
    /// The id of a command whose body has none: the same on every redelivery. <c>message_id</c>, else
    /// <c>correlation_id</c>, else MassTransit's message id; null when the sender gave nothing to know it by.
    /// </summary>
    public static string? CommandIdOf(this ConsumeContext context)
    {
        var properties = BareProperties.Of(context.ReceiveContext);
        return properties.MessageId ?? context.MessageId?.ToString()
            ?? properties.CorrelationId ?? context.CorrelationId?.ToString();
    }
}

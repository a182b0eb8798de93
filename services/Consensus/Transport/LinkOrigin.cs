using Muster.Bus;
using Muster.Contracts;

namespace Muster.Consensus.Transport;

internal static class LinkOrigin
{
    /// <summary>
    /// Who wants the answer to a link's message: an address as links and forwarding nodes write it, or a bare
    /// queue's name.
    /// </summary>
    public static ReplyAddress Origin(this LinkMessage message, string idInBody)
    {
        var replyTo = message.ReplyTo ?? "";
        var isBareName = replyTo.Length > 0 && !IsAddress(replyTo);
        return new ReplyAddress
        {
            Address = isBareName ? ReplyAddress.QueueScheme + replyTo : replyTo,
            RequestId = string.IsNullOrEmpty(message.CorrelationId) ? idInBody : message.CorrelationId,
        };
    }

    private static bool IsAddress(string replyTo) =>
        replyTo.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal)
        || replyTo.StartsWith(ReplyAddress.QueueScheme, StringComparison.Ordinal)
        || replyTo.StartsWith("exchange:", StringComparison.Ordinal)
        || replyTo.Contains("://", StringComparison.Ordinal);
}

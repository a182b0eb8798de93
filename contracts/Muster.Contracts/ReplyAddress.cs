namespace Muster.Contracts;

/// <summary>
/// Where an answer goes, kept in replicated state so that any replica can send it. <see cref="Address"/> is
/// <c>inbox:NAME</c> for a Muster inbox, <c>queue:NAME</c> for a bare-JSON sender's
/// <c>reply_to</c> queue, or a MassTransit response address. <see cref="RequestId"/> goes back as
/// correlation id (or MassTransit request id). One that is longer than it may be is as good as none: the
/// command is done, nothing is sent, and nothing of the address is kept; a wait that ends is learned from a
/// repeat of the command or from a heartbeat's answer.
/// </summary>
public sealed record ReplyAddress
{
    /// <summary>
    /// Begins an <see cref="Address"/> that is a Muster inbox: a routing key of <c>muster.inbox</c>.
    /// </summary>
    public const string InboxScheme = "inbox:";
    /// <summary>
    /// Begins an <see cref="Address"/> that is a queue, reached through the default exchange.
    /// </summary>
    public const string QueueScheme = "queue:";

    /// <summary>
    /// With its scheme, as above: 512 characters at most. The name behind it has 1 to 255 bytes of UTF-8,
    /// else nothing is sent.
    /// </summary>
    public string Address { get; init; } = "";

    /// <summary>
    /// 255 bytes of UTF-8 at most. Empty (default): the answer has no correlation id, and is matched by the
    /// id in its body.
    /// </summary>
    public string RequestId { get; init; } = "";

    /// <summary>The address of a Muster inbox.</summary>
    /// <param name="name">Without the scheme: <c>client.…</c>, <c>lock.ORIGIN</c>.</param>
    /// <param name="requestId">See <see cref="RequestId"/>; empty (default): none.</param>
    public static ReplyAddress Inbox(string name, string requestId = "") =>
        new() { Address = InboxScheme + name, RequestId = requestId };
}

namespace Muster.Contracts;

/// <summary>
/// Where an answer goes, kept in replicated state so that any replica can send it. <see cref="Address"/> is
/// <c>inbox:NAME</c> for a Muster inbox, <c>queue:NAME</c> for a bare-JSON sender's
/// <c>reply_to</c> queue, or a MassTransit response address. <see cref="RequestId"/> goes back as
/// correlation id (or MassTransit request id).
/// </summary>
public sealed record ReplyAddress
{
    public const string InboxScheme = "inbox:";
    public const string QueueScheme = "queue:";

    public string Address { get; init; } = "";

    public string RequestId { get; init; } = "";

    public static ReplyAddress Inbox(string name, string requestId = "") =>
        new() { Address = InboxScheme + name, RequestId = requestId };
}

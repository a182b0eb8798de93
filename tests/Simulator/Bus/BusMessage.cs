namespace Muster.Simulator;

/// <summary>
/// A message as its receiver sees it. Records are immutable, so nothing is written out and read.
/// </summary>
internal sealed record BusMessage(object Body, string Sender, string ReplyTo);

/// <summary>An exchange of the bus: one address of the direct one, or a fanout.</summary>
internal readonly record struct Destination(string Key)
{
    public static Destination Inbox(string address) => new("inbox:" + address);

    public static Destination Fanout(string exchange) => new("fanout:" + exchange);
}

/// <summary>What a process consumes.</summary>
internal sealed record LinkSettings
{
    public required string Address { get; init; }

    public IReadOnlyList<string> Subscriptions { get; init; } = [];

    public IReadOnlyList<WorkSettings> WorkQueues { get; init; } = [];

    public long InboxTtl { get; init; } = Scheduler.Second;

    /// <summary>Wants the broker's word about deleted queues.</summary>
    public bool WantsHints { get; init; }
}

/// <summary>
/// A shared queue that a process takes work from, each message with its acknowledgement over the connection
/// that it came by: over another one it would be that of a copy that somebody else has.
/// </summary>
internal sealed record WorkSettings(
    string Name, string Exchange, int Prefetch, long Ttl, Action<WorkDelivery, Action> Take)
{
    /// <summary>What is in it outlives the broker's restart.</summary>
    public bool IsPersistent { get; init; }
}

/// <summary>One message of a shared queue, with its consumer until it is acknowledged.</summary>
internal sealed class WorkDelivery(BusMessage message, long order, long expiresAt)
{
    public BusMessage Message { get; } = message;

    /// <summary>Its place in the queue, which it keeps when it comes back.</summary>
    public long Order { get; } = order;

    public long ExpiresAt { get; } = expiresAt;

    public BrokerSession? Holder { get; set; }

    public int Deliveries { get; set; }
}

using System.Diagnostics;

namespace Muster.Bus;

/// <summary>
/// One message between links of a process, as MassTransit carries it: the body already in bytes, the
/// properties in the transport's headers. MassTransit's own serializer has no part in it.
/// </summary>
public sealed record LinkFrame
{
    /// <summary>Where it was published to.</summary>
    public required string Exchange { get; init; }

    /// <summary>The contract's name.</summary>
    public required string Type { get; init; }

    /// <summary>The contract as JSON, or in a form of our own.</summary>
    public required byte[] Body { get; init; }

    /// <summary>What the body is.</summary>
    public string ContentType { get; init; } = BusJson.BareContentType;

    /// <summary>As AMQP's; null: none.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>As AMQP's; null: none.</summary>
    public string? MessageId { get; init; }

    /// <summary>As AMQP's; null: none.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>
    /// Timestamp of the sender's <c>TimeProvider</c> after which nobody wants it; 0 for never.
    /// </summary>
    public long ExpiresAt { get; init; }

    /// <summary>Null when it is none of the contracts.</summary>
    internal LinkMessage? ToMessage(
        bool redelivered = false, Action<LinkMessage>? ack = null, Action<LinkMessage>? reject = null) =>
        Type.Length == 0
            ? null
            : new LinkMessage(ack, reject)
            {
                Type = Type,
                Body = Body,
                ContentType = ContentType,
                CorrelationId = CorrelationId,
                MessageId = MessageId,
                ReplyTo = ReplyTo,
                Redelivered = redelivered,
                ReceivedAt = Stopwatch.GetTimestamp(),
            };
}

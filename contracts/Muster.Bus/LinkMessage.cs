using Muster.Contracts;

namespace Muster.Bus;

/// <summary>A message as it came in. <see cref="Body"/> belongs to the receiver.</summary>
public sealed class LinkMessage
{
    private readonly Action<LinkMessage>? _ack;
    private readonly Action<LinkMessage>? _reject;

    /// <summary>A message with what is to be done when it is settled; null: nothing.</summary>
    public LinkMessage(Action<LinkMessage>? ack = null, Action<LinkMessage>? reject = null)
    {
        _ack = ack;
        _reject = reject;
    }

    /// <summary>
    /// The contract's name, <c>Muster.Contracts.Lock:LockCommandBatch</c>, from the AMQP type, the envelope
    /// or the exchange.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>As it came; valid for as long as the message is used.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Without parameters.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>AMQP's <c>correlation_id</c>; null: none.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>AMQP's <c>message_id</c>; null: none.</summary>
    public string? MessageId { get; init; }

    /// <summary>AMQP's <c>reply_to</c>; null: none.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>
    /// Where the message asks for its answer: an inbox, or a bare-JSON sender's queue. Null: it asks for
    /// none.
    /// </summary>
    public ReplyAddress? Sender => string.IsNullOrEmpty(ReplyTo) ? null : new ReplyAddress
    {
        Address = ReplyTo.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal)
            ? ReplyTo
            : ReplyAddress.QueueScheme + ReplyTo,
        RequestId = CorrelationId ?? MessageId ?? "",
    };

    /// <summary>It was delivered before, and not acknowledged.</summary>
    public bool Redelivered { get; init; }

    /// <summary>When the process received it, by <c>Stopwatch.GetTimestamp()</c>.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>Reads the body as a contract, from bare JSON or out of MassTransit's envelope.</summary>
    /// <exception cref="System.Text.Json.JsonException">Malformed.</exception>
    public T Read<T>() where T : class => BusJson.Read<T>(this);

    /// <summary>
    /// Done: the broker forgets the message. Only for work queues; idempotent; harmless after a lost
    /// connection.
    /// </summary>
    public void Ack() => _ack?.Invoke(this);

    /// <summary>
    /// Cannot be processed, ever: goes to the work queue's <c>_error</c> queue. Only for work queues.
    /// </summary>
    public void Reject() => _reject?.Invoke(this);
}

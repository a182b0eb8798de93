using MassTransit;

namespace Muster.Hosting;

/// <summary>
/// What a bare message says beside its body: AMQP's properties on RabbitMQ, headers of AMQP's names in
/// memory. Ids are whatever text the sender chose.
/// </summary>
internal readonly record struct BareProperties(
    string? Type, string? Exchange, string? ReplyTo, string? CorrelationId, string? MessageId)
{
    public static BareProperties Of(ReceiveContext context)
    {
        if (!context.TryGetPayload(out RabbitMqBasicConsumeContext? rabbit))
        {
            return Of(context.TransportHeaders);
        }
        var properties = rabbit.Properties;
        return new(
            NullIfBlank(properties.Type),
            NullIfBlank(rabbit.Exchange),
            NullIfBlank(properties.ReplyTo),
            NullIfBlank(properties.CorrelationId),
            NullIfBlank(properties.MessageId));
    }

    public static BareProperties Of(Headers headers) => new(
        NullIfBlank(headers.Get<string>("type")),
        NullIfBlank(headers.Get<string>("exchange")),
        NullIfBlank(headers.Get<string>("reply_to")),
        NullIfBlank(headers.Get<string>("correlation_id")),
        NullIfBlank(headers.Get<string>("message_id")));

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

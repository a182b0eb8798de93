using System.Collections;
using System.Text;
using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware.Rescue;
using RabbitMQ.Client;

namespace Muster.Hosting;

/// <summary>
/// What goes to an <c>_error</c> or <c>_skipped</c> queue goes there with properties that the broker takes.
/// MassTransit copies the sender's; some were good when they came and are not when they leave, and then the
/// publish fails or ends the connection, nothing is acknowledged, and the message comes back for ever.
/// </summary>
internal sealed class MovableMessage(RabbitMqBasicConsumeContext delivered)
{
    private const int MostShortStringBytes = 255;

    /// <summary>
    /// With what MassTransit adds, a stack trace too, they must fit into one frame: 128 KiB by default.
    /// </summary>
    private const int MostHeaderBytes = 64 * 1024;

    /// <summary>Without what was only good for its sender; the body says the rest.</summary>
    public BasicProperties Properties { get; } = Of(delivered.Properties);

    public string RoutingKey { get; } = Fitting(delivered.RoutingKey) ?? "";

    public static BasicProperties Of(IReadOnlyBasicProperties sent) => new(sent)
    {
        AppId = Fitting(sent.AppId),
        ClusterId = Fitting(sent.ClusterId),
        ContentEncoding = Fitting(sent.ContentEncoding),
        ContentType = Fitting(sent.ContentType),
        CorrelationId = Fitting(sent.CorrelationId),
        Expiration = Fitting(sent.Expiration),
        MessageId = Fitting(sent.MessageId),
        ReplyTo = Fitting(sent.ReplyTo),
        Type = Fitting(sent.Type),
        // The broker takes only the name of who publishes, and that is this process now.
        UserId = null,
        Headers = sent.Headers is { } headers && SizeOf(headers) <= MostHeaderBytes ? headers : null,
    };

    // Bytes that are no UTF-8 were read as a character of three bytes each.
    private static string? Fitting(string? text) =>
        text is not null && Encoding.UTF8.GetByteCount(text) <= MostShortStringBytes ? text : null;

    /// <summary>In bytes, about; more than fits when a name of it cannot be written.</summary>
    private static int SizeOf(object? value) => value switch
    {
        byte[] bytes => bytes.Length,
        BinaryTableValue binary => binary.Bytes.Length,
        string text => Encoding.UTF8.GetByteCount(text),
        IDictionary<string, object?> table => table.Sum(field =>
            (Fitting(field.Key) is null ? MostHeaderBytes : field.Key.Length * 3) + SizeOf(field.Value)),
        IEnumerable list => list.Cast<object?>().Sum(SizeOf),
        _ => 0,
    } + sizeof(long);
}

/// <summary>Before MassTransit's own filters of what failed.</summary>
internal sealed class MovableFailed : IFilter<ExceptionReceiveContext>
{
    /// <summary>Of an exception's text, which may repeat what the sender wrote.</summary>
    private const int MostCharacters = 8 * 1024;

    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) =>
        next.Send(context.TryGetPayload(out RabbitMqBasicConsumeContext? delivered)
            ? new Movable(context, delivered)
            : context);

    public void Probe(ProbeContext context) => context.CreateFilterScope("movable");

    private static Exception Short(Exception exception) =>
        exception.GetBaseException().Message is { Length: > MostCharacters } text
            ? new UnreadableMessageException(text)
            : exception;

    private sealed class Movable(ExceptionReceiveContext context, RabbitMqBasicConsumeContext delivered)
        : RescueExceptionReceiveContext(context, Short(context.Exception)), RabbitMqBasicConsumeContext
    {
        private readonly MovableMessage _message = new(delivered);

        public string Exchange => delivered.Exchange;

        public string RoutingKey => _message.RoutingKey;

        public string ConsumerTag => delivered.ConsumerTag;

        public ulong DeliveryTag => delivered.DeliveryTag;

        public IReadOnlyBasicProperties Properties => _message.Properties;
    }
}

/// <summary>Before MassTransit's own filter of what nobody consumes.</summary>
internal sealed class MovableSkipped : IFilter<ReceiveContext>
{
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) =>
        next.Send(context.TryGetPayload(out RabbitMqBasicConsumeContext? delivered)
            ? new Movable(context, delivered)
            : context);

    public void Probe(ProbeContext context) => context.CreateFilterScope("movable");

    private sealed class Movable(ReceiveContext context, RabbitMqBasicConsumeContext delivered)
        : ReceiveContextProxy(context), RabbitMqBasicConsumeContext
    {
        private readonly MovableMessage _message = new(delivered);

        public string Exchange => delivered.Exchange;

        public string RoutingKey => _message.RoutingKey;

        public string ConsumerTag => delivered.ConsumerTag;

        public ulong DeliveryTag => delivered.DeliveryTag;

        public IReadOnlyBasicProperties Properties => _message.Properties;
    }
}

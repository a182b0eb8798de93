using System.Collections;
using System.Diagnostics.CodeAnalysis;
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
internal sealed class MovableMessage(RabbitMqBasicConsumeContext delivered) : RabbitMqBasicConsumeContext
{
    private const int MostShortStringBytes = 255;

    /// <summary>
    /// With what MassTransit adds, a stack trace too, they must fit into one frame: 128 KiB by default.
    /// </summary>
    private const int MostHeaderBytes = 64 * 1024;

    public string Exchange => delivered.Exchange;

    public string RoutingKey { get; } = Fitting(delivered.RoutingKey) ?? "";

    public string ConsumerTag => delivered.ConsumerTag;

    public ulong DeliveryTag => delivered.DeliveryTag;

    /// <summary>Without what was only good for its sender; the body says the rest.</summary>
    public IReadOnlyBasicProperties Properties { get; } = Of(delivered.Properties);

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
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) =>
        next.Send(context.TryGetPayload(out RabbitMqBasicConsumeContext? delivered)
            ? new Movable(context, new MovableMessage(delivered))
            : context);

    public void Probe(ProbeContext context) => context.CreateFilterScope("movable");

    private sealed class Movable(ExceptionReceiveContext context, MovableMessage message)
        : RescueExceptionReceiveContext(context, context.Exception)
    {
        public override bool TryGetPayload<TPayload>([NotNullWhen(true)] out TPayload? payload)
            where TPayload : class
        {
            payload = message as TPayload;
            return payload is not null || base.TryGetPayload(out payload);
        }
    }
}

/// <summary>Before MassTransit's own filter of what nobody consumes.</summary>
internal sealed class MovableSkipped : IFilter<ReceiveContext>
{
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) =>
        next.Send(context.TryGetPayload(out RabbitMqBasicConsumeContext? delivered)
            ? new Movable(context, new MovableMessage(delivered))
            : context);

    public void Probe(ProbeContext context) => context.CreateFilterScope("movable");

    private sealed class Movable(ReceiveContext context, MovableMessage message)
        : ReceiveContextProxy(context)
    {
        public override bool TryGetPayload<TPayload>([NotNullWhen(true)] out TPayload? payload)
            where TPayload : class
        {
            payload = message as TPayload;
            return payload is not null || base.TryGetPayload(out payload);
        }
    }
}

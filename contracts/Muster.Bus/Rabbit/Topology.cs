using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>
/// Declares all that a link uses. RabbitMQ refuses transient queues that are not exclusive, so everything is
/// durable or exclusive, and all is done before the link is up.
/// </summary>
internal static class Topology
{
    public static string ErrorQueue(string queue) => queue + "_error";

    public static async Task DeclareExchangesAsync(
        IChannel channel, BusNames names, IEnumerable<string> fanouts, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(
            names.InboxExchange, ExchangeType.Direct, durable: true, autoDelete: false,
            cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        foreach (var exchange in fanouts)
        {
            await channel.ExchangeDeclareAsync(
                exchange, ExchangeType.Fanout, durable: true, autoDelete: false,
                cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public static async Task DeclareInboxAsync(
        IChannel channel, BusNames names, LinkOptions options, string incarnation,
        CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(
            incarnation, durable: false, exclusive: true, autoDelete: true,
            Arguments(options.InboxMaxLength, options.InboxMessageTtl), cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await channel.QueueBindAsync(
            incarnation, names.InboxExchange, options.Address, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        foreach (var exchange in options.Subscriptions)
        {
            await channel.QueueBindAsync(incarnation, exchange, "", cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public static async Task DeclareWorkQueueAsync(
        IChannel channel, WorkQueue queue, CancellationToken cancellationToken)
    {
        // Not a dead-letter exchange: that would also collect what is dropped because it is too old or the
        // queue too long.
        var errors = Arguments(queue.MaxLength, null);
        await DeclareDurableAsync(channel, ErrorQueue(queue.Name), errors, cancellationToken)
            .ConfigureAwait(false);
        var work = Arguments(queue.MaxLength, queue.MessageTtl);
        await DeclareDurableAsync(channel, queue.Name, work, cancellationToken)
            .ConfigureAwait(false);
        foreach (var exchange in queue.Exchanges)
        {
            await channel.QueueBindAsync(queue.Name, exchange, "", cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static Task<QueueDeclareOk> DeclareDurableAsync(
        IChannel channel, string name, Dictionary<string, object?> arguments,
        CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, autoDelete: false, arguments,
            cancellationToken: cancellationToken);

    private static Dictionary<string, object?> Arguments(int maxLength, TimeSpan? timeToLive)
    {
        var arguments = new Dictionary<string, object?>
        {
            // Said outright, because a virtual host may have another default type.
            ["x-queue-type"] = "classic",
            ["x-max-length"] = maxLength,
            ["x-overflow"] = "drop-head",
        };
        if (timeToLive is { } time)
        {
            arguments["x-message-ttl"] = (int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue);
        }
        return arguments;
    }
}

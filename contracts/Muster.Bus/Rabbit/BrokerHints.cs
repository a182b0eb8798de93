using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Muster.Bus;

/// <summary>
/// The rabbitmq_event_exchange plugin's word that a queue was deleted: within milliseconds of the crash of
/// the process that owned it.
/// </summary>
internal sealed class BrokerHints(string virtualHost, Action<string> onQueueDeleted)
{
    public const string Exchange = "amq.rabbitmq.event";
    private const string QueueDeleted = "queue.deleted";

    /// <summary>
    /// Null when bound, else why not. On a channel of its own: the broker closes it when the exchange is
    /// missing.
    /// </summary>
    public static async Task<string?> TryBindAsync(
        IConnection connection, string queue, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                await channel.ExchangeDeclarePassiveAsync(Exchange, cancellationToken).ConfigureAwait(false);
                await channel
                    .QueueBindAsync(queue, Exchange, QueueDeleted, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
                return null;
            }
            catch (OperationInterruptedException refused) when (connection.IsOpen)
            {
                return refused.ShutdownReason?.ReplyText ?? refused.Message;
            }
        }
    }

    public void Receive(string routingKey, IReadOnlyBasicProperties properties)
    {
        // The exchange tells of every virtual host.
        if (routingKey == QueueDeleted
            && Text(properties, "vhost") == virtualHost
            && Text(properties, "name") is { } name)
        {
            onQueueDeleted(name);
        }
    }

    private static string? Text(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) == true && value is byte[] utf8
            ? Encoding.UTF8.GetString(utf8)
            : null;
}

using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Muster.Broker;

/// <summary>Asks a broker, over AMQP itself, whether it is ready and what it can do.</summary>
internal static class AmqpProbe
{
    private const string EventExchange = "amq.rabbitmq.event";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the broker takes a connection; true when it has the event exchange.</summary>
    public static async Task<bool> WaitAsync(Uri uri)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await HasEventExchangeAsync(uri);
            }
            catch (BrokerUnreachableException exception)
            {
                if (TimeProvider.System.GetElapsedTime(started) > Patience)
                {
                    throw new TimeoutException($"{uri.Host}:{uri.Port} takes no AMQP connection.", exception);
                }
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }

    private static async Task<bool> HasEventExchangeAsync(Uri uri)
    {
        var factory = new ConnectionFactory { Uri = uri, AutomaticRecoveryEnabled = false };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await channel.ExchangeDeclarePassiveAsync(EventExchange);
            return true;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            return false;
        }
    }
}

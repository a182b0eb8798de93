using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>Publishes durably on a channel with confirms; several may be in flight.</summary>
internal sealed class ConfirmedPublisher(IChannel channel, CancellationToken sessionEnded)
{
    public static readonly CreateChannelOptions ChannelOptions =
        new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    /// <exception cref="EventNotPublishedException">Not confirmed, or the connection was lost while
    /// waiting.</exception>
    public async Task PublishAsync(
        string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, sessionEnded);
        try
        {
            await channel
                .BasicPublishAsync(exchange, routingKey, mandatory: false, properties, body, either.Token)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = sessionEnded.IsCancellationRequested ? "the connection was lost" : exception.Message;
            throw new EventNotPublishedException(
                $"The broker did not confirm a message to '{exchange}{routingKey}': {reason}", exception);
        }
    }
}

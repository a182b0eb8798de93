using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Muster.Bus;

/// <summary>Publishes durably on a channel with confirms; several may be in flight.</summary>
internal sealed class ConfirmedPublisher(IChannel channel, CancellationToken sessionEnded)
{
    public static readonly CreateChannelOptions ChannelOptions =
        new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    /// <returns>Whether any queue was bound.</returns>
    /// <exception cref="EventNotPublishedException">Not confirmed, or the connection was lost while
    /// waiting.</exception>
    public async Task<bool> PublishAsync(
        string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, sessionEnded);
        try
        {
            await channel
                .BasicPublishAsync(exchange, routingKey, mandatory: true, properties, body, either.Token)
                .ConfigureAwait(false);
            return true;
        }
        catch (PublishReturnException)
        {
            return false; // confirmed all the same: the broker's word that it had nowhere to put it
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = sessionEnded.IsCancellationRequested ? "the connection was lost" : exception.Message;
            throw new EventNotPublishedException(
                $"The broker did not confirm a message to '{exchange}{routingKey}': {reason}", exception);
        }
    }
}

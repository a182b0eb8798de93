using System.Collections.Immutable;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>
/// A link's bounded send buffer and the one task that empties it, which keeps the order to every receiver.
/// Receivers are looked up when the message leaves: who is gone by then is a silent drop.
/// </summary>
internal sealed class MemorySender(MemoryBus bus, string address, ILogger logger)
{
    private const int MaxFrames = 100_000;

    private readonly Channel<Outgoing> _frames = Channel.CreateBounded<Outgoing>(
        new BoundedChannelOptions(MaxFrames) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly IPipe<SendContext<LinkFrame>> _pipe =
        Pipe.Execute<SendContext<LinkFrame>>(FrameSerializer.Prepare);
    private readonly LogThrottle _failLog = new(bus.Time, TimeSpan.FromSeconds(5));

    public enum Destination
    {
        Inbox,
        Exchange,
        Queue,
    }

    /// <summary>False when the buffer is full or closed.</summary>
    public bool TrySend(Destination kind, string name, LinkFrame frame) =>
        _frames.Writer.TryWrite(new Outgoing(kind, name, frame));

    /// <summary>Takes no more; <see cref="RunAsync"/> returns when the rest is sent.</summary>
    public void Complete() => _frames.Writer.TryComplete();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var (kind, name, frame) in _frames.Reader.ReadAllAsync(cancellationToken)
            .ConfigureAwait(false))
        {
            try
            {
                await (kind switch
                {
                    Destination.Inbox => SendToAllAsync(bus.InboxesOf(name), frame, cancellationToken),
                    Destination.Exchange => PublishAsync(name, frame, cancellationToken),
                    _ => SendToQueueAsync(name, frame, cancellationToken),
                }).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailure(name, exception.Message);
            }
        }
    }

    /// <summary>To the links first, then to MassTransit's own consumers of a contract.</summary>
    public async Task PublishAsync(string exchange, LinkFrame frame, CancellationToken cancellationToken)
    {
        await SendToAllAsync(bus.SubscribersOf(exchange), frame, cancellationToken).ConfigureAwait(false);
        if (bus.MassTransitAddress(exchange) is { } contract)
        {
            await SendToMassTransitAsync(contract, frame, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SendToQueueAsync(string queue, LinkFrame frame, CancellationToken cancellationToken)
    {
        if (bus.WorkQueueEndpoint(queue) is { } workQueue)
        {
            await SendToAllAsync([workQueue], frame, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // To the exchange of the queue's name rather than to the queue: a receive endpoint has both, and
            // sending to a queue that nobody has would create one and fill it.
            var exchange = new Uri("exchange:" + queue);
            await SendToMassTransitAsync(exchange, frame, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SendToAllAsync(
        ImmutableArray<FrameEndpoint> receivers, LinkFrame frame, CancellationToken cancellationToken)
    {
        foreach (var receiver in receivers)
        {
            if (!await receiver.SendAsync(frame, _pipe, cancellationToken).ConfigureAwait(false))
            {
                LogFailure(frame.Exchange, $"{FrameEndpoint.MaxWaiting} messages wait there already.");
            }
        }
    }

    /// <summary>In the envelope, which all of its consumers read.</summary>
    private async Task SendToMassTransitAsync(
        Uri destination, LinkFrame frame, CancellationToken cancellationToken)
    {
        var enveloped = frame.ContentType == BusJson.EnvelopeContentType
            ? frame
            : frame with
            {
                ContentType = BusJson.EnvelopeContentType,
                Body = Envelope.Write(frame.Type, frame.Body, Guid.CreateVersion7(), bus.Time.GetUtcNow()),
            };
        var endpoint = await bus.Bus.GetSendEndpoint(destination).ConfigureAwait(false);
        await endpoint.Send(enveloped, _pipe, cancellationToken).ConfigureAwait(false);
    }

    private void LogFailure(string destination, string reason)
    {
        if (_failLog.Allows(out var suppressed))
        {
            logger.SendFailed(address, destination, reason, suppressed);
        }
    }

    private readonly record struct Outgoing(Destination Kind, string Name, LinkFrame Frame);
}

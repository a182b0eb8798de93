using System.Threading.Channels;
using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>
/// The bounded buffer between senders, who never wait, and one publishing channel without confirms. One
/// writer task keeps each sender's order, and the client batches what it writes into few packets.
/// </summary>
internal sealed class SendPump
{
    private const int MaxFrames = 10_000;
    private const long MaxBytes = 64L * 1024 * 1024;

    private readonly Channel<OutgoingFrame> _frames = Channel.CreateBounded<OutgoingFrame>(
        new BoundedChannelOptions(MaxFrames) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _bytes;

    /// <summary>False when the buffer is full or closed.</summary>
    public bool TrySend(OutgoingFrame frame)
    {
        if (Interlocked.Add(ref _bytes, frame.Body.Length) <= MaxBytes && _frames.Writer.TryWrite(frame))
        {
            return true;
        }
        Interlocked.Add(ref _bytes, -frame.Body.Length);
        return false;
    }

    /// <summary>Takes no more; <see cref="RunAsync"/> returns when the rest is written.</summary>
    public void Complete() => _frames.Writer.TryComplete();

    /// <param name="isBlocked">While true what waits is thrown away: it would be stale by the time the broker
    /// reads again.</param>
    public async Task RunAsync(IChannel channel, Func<bool> isBlocked, CancellationToken cancellationToken)
    {
        while (await _frames.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_frames.Reader.TryRead(out var frame))
            {
                Interlocked.Add(ref _bytes, -frame.Body.Length);
                if (!isBlocked())
                {
                    await channel.BasicPublishAsync(
                        frame.Exchange, frame.RoutingKey, mandatory: false, frame.Properties, frame.Body,
                        cancellationToken)
                        .ConfigureAwait(false);
                }
            }
        }
    }
}

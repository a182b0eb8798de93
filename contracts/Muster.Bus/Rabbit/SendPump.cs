using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>
/// Senders, who never wait, write to one publishing channel without confirms. While the channel takes
/// everything at once the sender's own thread writes, which spares each hop the waking of another; what comes
/// during a write waits in a bounded buffer, in order, and a task writes it. The client batches what it is
/// given into few packets.
/// </summary>
/// <param name="channel">The pump's own.</param>
/// <param name="isBlocked">While true everything is thrown away: it would be stale by the time the broker
/// reads again.</param>
/// <param name="onFailed">The channel takes no more.</param>
/// <param name="ended">Ends a write under way.</param>
internal sealed class SendPump(
    IChannel channel, Func<bool> isBlocked, Action<Exception> onFailed, CancellationToken ended)
{
    private const int MaxFrames = 10_000;
    private const long MaxBytes = 64L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<OutgoingFrame> _waiting = new();
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private bool _isWriting;
    private bool _isComplete;

    /// <summary>Completes after <see cref="Complete"/>, when the rest is written.</summary>
    public Task Written => _written.Task;

    /// <summary>False when the buffer is full or closed.</summary>
    public bool TrySend(OutgoingFrame frame)
    {
        lock (_gate)
        {
            if (_isComplete) return false;
            if (_isWriting)
            {
                if (_waiting.Count >= MaxFrames || _bytes + frame.Body.Length > MaxBytes) return false;
                _bytes += frame.Body.Length;
                _waiting.Enqueue(frame);
                return true;
            }
            _isWriting = true;
        }
        _ = WriteAsync(frame);
        return true;
    }

    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            if (!_isWriting) _written.TrySetResult();
        }
    }

    private async Task WriteAsync(OutgoingFrame first)
    {
        try
        {
            await PublishAsync(first).ConfigureAwait(false);
            if (Next() is not { } second) return;
            // What others gave is not the sender's to write.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            for (var next = second; next is not null; next = Next())
            {
                await PublishAsync(next).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Nothing is written any more: the session ends with its channel.
            _written.TrySetResult();
            onFailed(exception);
        }
    }

    private ValueTask PublishAsync(OutgoingFrame frame) => isBlocked()
        ? ValueTask.CompletedTask
        : channel.BasicPublishAsync(
            frame.Exchange, frame.RoutingKey, mandatory: false, frame.Properties, frame.Body, ended);

    private OutgoingFrame? Next()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var frame))
            {
                _bytes -= frame.Body.Length;
                return frame;
            }
            _isWriting = false;
            if (_isComplete) _written.TrySetResult();
            return null;
        }
    }
}

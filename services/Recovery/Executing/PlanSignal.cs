using System.Threading.Channels;

namespace Muster.Recovery.Executing;

/// <summary>Something may have changed for the executor: an entry, or an answer. Cheap, from any
/// thread.</summary>
public sealed class PlanSignal
{
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => _changed.Writer.TryWrite(true);

    /// <summary>Returns when it was raised, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        await ((Task)_changed.Reader.ReadAsync(either.Token).AsTask())
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

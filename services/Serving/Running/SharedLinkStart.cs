using Muster.Bus;

namespace Muster.Serving;

/// <summary>
/// Starts a link that the replicas of several groups share once each of them is ready for commands, or has
/// halted: what one group's bad entry holds up is that group, and not the others.
/// </summary>
/// <param name="link">The link; whoever of the replicas ends closes it for all.</param>
/// <param name="halted">By replica, what completes when it meets an entry that it cannot apply.</param>
public sealed class SharedLinkStart(IBusLink link, IReadOnlyList<Task> halted)
{
    private readonly TaskCompletionSource[] _ready =
    [
        .. halted.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)),
    ];

    private readonly Lock _gate = new();
    private Task? _start;

    /// <summary>The replica is ready; returns when the link is up.</summary>
    /// <param name="replica">Which one, in the order of the list.</param>
    /// <param name="cancellationToken">The process stops, and all of its replicas with it.</param>
    public Task OpenAsync(int replica, CancellationToken cancellationToken)
    {
        _ready[replica].TrySetResult();
        lock (_gate)
        {
            _start ??= StartAsync(cancellationToken);
        }
        return _start.WaitAsync(cancellationToken);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_ready.Zip(halted, (ready, halt) => Task.WhenAny(ready.Task, halt)))
            .WaitAsync(cancellationToken);
        await link.StartAsync(cancellationToken);
    }
}

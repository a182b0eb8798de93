using Microsoft.Extensions.Logging;
using Muster.Contracts;

namespace Muster.Client;

internal sealed class LockHandle(ClientCore core, Acquire acquire, ILogger logger) : ILockHandle
{
    private readonly Lock _gate = new();
    private Task? _disposing;

    public string Name => acquire.Name;

    public FencingToken FencingToken => acquire.Token;

    public string AcquireId => acquire.Id;

    public CancellationToken Lost
    {
        get
        {
            core.IsHeld(acquire); // cancels the token if the lease has run out and no timer has noticed
            return acquire.Lost.Token;
        }
    }

    public bool IsLost => Lost.IsCancellationRequested;

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposing ??= ReleaseAsync();
        }
        return new ValueTask(_disposing);
    }

    private async Task ReleaseAsync()
    {
        core.StepUnlessClosed(parts => parts.Held.Release(acquire));
        if (acquire.Stage != AcquireStage.Releasing)
        {
            return; // answered already, or lost, or the client is disposed: there is nothing to wait for
        }
        try
        {
            await acquire.Released.Task.WaitAsync(core.Options.CallTimeout, core.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            logger.ReleaseUnanswered(acquire.Name, acquire.Id);
        }
    }
}

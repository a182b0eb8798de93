using Microsoft.Extensions.Logging;
using Muster.Contracts;

namespace Muster.Client;

/// <summary>What a holder has in hand: of a lock or of a leadership.</summary>
internal sealed class HeldClaim(ClientCore core, Acquire acquire, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task? _disposing;

    public Claim Claim => acquire.Claim;

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
        var trace = CallTrace.OfRelease(core, acquire);
        acquire.TraceParent = trace.TraceParent;
        core.StepUnlessClosed(parts => parts.Held.Release(acquire));
        if (acquire.Stage != AcquireStage.Releasing)
        {
            trace.Done();
            return; // answered already, or lost, or the client is disposed: there is nothing to wait for
        }
        try
        {
            await acquire.Released.Task.WaitAsync(core.Options.CallTimeout, core.Time).ConfigureAwait(false);
            trace.Done();
        }
        catch (TimeoutException)
        {
            trace.Unanswered();
            logger.ReleaseUnanswered(acquire.Name, acquire.Id);
        }
    }
}

internal sealed class LockHandle(HeldClaim held) : ILockHandle
{
    public string Name => held.Claim.LockName;

    public FencingToken FencingToken => held.FencingToken;

    public string AcquireId => held.AcquireId;

    public CancellationToken Lost => held.Lost;

    public bool IsLost => held.Lost.IsCancellationRequested;

    public ValueTask DisposeAsync() => held.DisposeAsync();
}

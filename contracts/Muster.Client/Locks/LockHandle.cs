using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>What a holder has in hand: of a lock or of a leadership.</summary>
internal sealed class HeldClaim(ClientCore core, Acquiring acquiring, Acquire acquire, ILogger logger)
    : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task? _disposing;

    public Claim Claim => acquire.Claim;

    public FencingToken FencingToken => acquire.Token;

    public string AcquireId => acquire.Id;

    public string SessionId => acquire.Session!.Id;

    public LockMode Mode => acquire.Upgrade is null ? Claim.Mode : LockMode.Exclusive;

    public TakeoverTime Takeover => acquire.Session!.Takeover;

    public CancellationToken Lost
    {
        get
        {
            core.IsHeld(acquire); // cancels the token if the lease has run out and no timer has noticed
            return acquire.Lost.Token;
        }
    }

    public Task<bool> UpgradeAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        acquiring.UpgradeAsync(acquire, timeout, cancellationToken);

    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="MusterRefusedException">It is lost, or given back.</exception>
    public void ThrowUnlessHeld()
    {
        core.Step(_ => { }); // each step looks at the lease first
        acquiring.ThrowUnlessHeld(acquire);
    }

    /// <summary>
    /// The service refuses what only a holder may: that it is none is not left for a heartbeat to tell.
    /// </summary>
    public void OnRefused(LockRefused? refusal) => core.StepUnlessClosed(_ =>
    {
        if (refusal?.Reason is LockRefusal.NotHeld or LockRefusal.NotHolder)
        {
            acquire.Shard!.Held.LoseTaken(acquire.Session!, acquire.Id);
        }
        else if (refusal?.Reason is LockRefusal.SessionUnknown)
        {
            acquire.Shard!.Sessions.Lose(acquire.Session!, "the service does not know it");
        }
    });

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
        core.StepUnlessClosed(_ => LockShards.Release(acquire));
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

    public IReadOnlyList<string> Names => held.Claim.Names;

    public LockMode Mode => held.Mode;

    public int Permits => held.Claim.Permits;

    public TakeoverTime Takeover => held.Takeover;

    public FencingToken FencingToken => held.FencingToken;

    public string AcquireId => held.AcquireId;

    public CancellationToken Lost => held.Lost;

    public bool IsLost => held.Lost.IsCancellationRequested;

    public FencingToken FencingTokenOf(string name) =>
        Names.Contains(name) ? FencingToken : throw NotOfMine(name);

    public static ArgumentException NotOfMine(string name) =>
        new($"{name} is not among the names that are held.", nameof(name));

    public ValueTask<bool> TryUpgradeAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        new(held.UpgradeAsync(wait, cancellationToken));

    public async ValueTask UpgradeAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        if (!await held.UpgradeAsync(limit, cancellationToken).ConfigureAwait(false))
        {
            throw new TimeoutException($"Lock {Name} is not held alone: shared for all of {timeout}.");
        }
    }

    public ValueTask DisposeAsync() => held.DisposeAsync();
}

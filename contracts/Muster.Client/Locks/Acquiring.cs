using Microsoft.Extensions.Logging;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// A caller's acquire of a lock or a leadership, tried under as many sessions as it takes.
/// </summary>
internal sealed class Acquiring(ClientCore core, ILogger logger)
{
    /// <summary>What is held, or null when the wait ran out.</summary>
    /// <param name="claim">What for.</param>
    /// <param name="timeout">How long; null: without limit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="isAgain">Its caller waits already, and was let in before.</param>
    public async Task<HeldClaim?> RunAsync(
        Claim claim, TimeSpan? timeout, CancellationToken cancellationToken, bool isAgain = false)
    {
        var trace = CallTrace.OfAcquire(core, claim);
        try
        {
            var held = await RunAsync(claim, timeout, trace.TraceParent, isAgain, cancellationToken)
                .ConfigureAwait(false);
            trace.Granted(held);
            return held;
        }
        catch (Exception exception) when (trace.Failed(exception))
        {
            throw; // never here: the filter only looks
        }
    }

    private async Task<HeldClaim?> RunAsync(
        Claim claim, TimeSpan? timeout, string? traceParent, bool isAgain,
        CancellationToken cancellationToken)
    {
        var patience = new AcquirePatience(core.Clock, timeout, core.Options.CallTimeout);
        cancellationToken.ThrowIfCancellationRequested();
        for (; ; isAgain = true)
        {
            var acquire = new Acquire(claim, patience.Deadline, patience.UnsentLimit)
            {
                TraceParent = traceParent,
                IsAgain = isAgain,
            };
            var outcome = await TryOnceAsync(acquire, cancellationToken).ConfigureAwait(false);
            if (outcome.End == AcquireEnd.Granted)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    core.StepUnlessClosed(_ => LockShards.Release(acquire));
                    cancellationToken.ThrowIfCancellationRequested();
                }
                // By the clock, here and now: this thread may have been away since the grant came.
                if (core.IsHeld(acquire))
                {
                    return new HeldClaim(core, this, acquire, logger);
                }
                core.StepUnlessClosed(_ => LockShards.Release(acquire));
                outcome = new AcquireOutcome(AcquireEnd.Interrupted);
            }
            if (!patience.GoesOn(acquire, outcome.End))
            {
                ThrowUnlessBusy(acquire, outcome, cancellationToken);
                return null;
            }
        }
    }

    /// <summary>
    /// Makes a hold exclusive: its token is a new one then. False: others shared it until the wait ran out.
    /// Of several at a time one is tried after the other, and the first that succeeds is for all.
    /// </summary>
    public async Task<bool> UpgradeAsync(
        Acquire hold, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var patience = new AcquirePatience(core.Clock, timeout, core.Options.CallTimeout);
        cancellationToken.ThrowIfCancellationRequested();
        for (var isAgain = false; ; isAgain = true)
        {
            ThrowUnlessHeld(hold);
            var upgrade = new Acquire(Claim.Upgrade(hold), patience.Deadline, patience.UnsentLimit)
            {
                IsAgain = isAgain,
            };
            Task<bool>? before = null;
            core.Step(parts => before = StartUpgrade(parts, hold, upgrade));
            if (before is not null)
            {
                if (!await EndsAsync(before, patience.Deadline, cancellationToken).ConfigureAwait(false))
                {
                    return false;
                }
                continue;
            }
            var outcome = await EndAsync(upgrade, cancellationToken).ConfigureAwait(false);
            if (outcome.End == AcquireEnd.Granted)
            {
                ThrowUnlessHeld(hold);
                return true;
            }
            if (!patience.GoesOn(upgrade, outcome.End))
            {
                ThrowUnlessBusy(upgrade, outcome, cancellationToken);
                return false;
            }
        }
    }

    /// <summary>What it has to wait for first; null: it has begun, or there is nothing left to do.</summary>
    private static Task<bool>? StartUpgrade(ClientParts parts, Acquire hold, Acquire upgrade)
    {
        if (hold.Upgrade is not null)
        {
            upgrade.Stage = AcquireStage.Ended;
            upgrade.End(AcquireEnd.Granted);
            return null;
        }
        if (hold.Upgrading is { TakenBack.Task: { IsCompleted: false } before })
        {
            return before;
        }
        hold.Upgrading = upgrade;
        parts.Locks.Start(upgrade);
        return null;
    }

    /// <summary>False: not by the deadline.</summary>
    private async Task<bool> EndsAsync(Task before, TimeSpan? deadline, CancellationToken cancellationToken)
    {
        while (!before.IsCompleted)
        {
            var left = deadline - core.Clock.Now ?? ClientCore.MaxTimer;
            if (left <= TimeSpan.Zero)
            {
                return false;
            }
            try
            {
                var wait = left < ClientCore.MaxTimer ? left : ClientCore.MaxTimer;
                await before.WaitAsync(wait, core.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The other one still waits, or is not taken back yet.
            }
        }
        return true;
    }

    /// <exception cref="MusterRefusedException">It is lost, or given back.</exception>
    public void ThrowUnlessHeld(Acquire hold)
    {
        if (!core.IsHeld(hold))
        {
            throw new MusterRefusedException(
                LockRefusal.NotHeld, $"{hold.Claim.Title} is not held any more.");
        }
    }

    private async Task<AcquireOutcome> TryOnceAsync(Acquire acquire, CancellationToken cancellationToken)
    {
        core.Step(parts => parts.Locks.Start(acquire));
        return await EndAsync(acquire, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AcquireOutcome> EndAsync(Acquire acquire, CancellationToken cancellationToken)
    {
        core.Start();
        await using var registration = cancellationToken.UnsafeRegister(
            _ => core.StepUnlessClosed(_ => LockShards.GiveUp(acquire, AcquireEnd.Cancelled)), null)
            .ConfigureAwait(false);
        return await acquire.Outcome.ConfigureAwait(false);
    }

    private void ThrowUnlessBusy(Acquire acquire, AcquireOutcome outcome, CancellationToken cancellationToken)
    {
        var title = acquire.Claim.Title;
        switch (outcome.End)
        {
            case AcquireEnd.Busy or AcquireEnd.WaitedOut:
                return;
            case AcquireEnd.Cancelled:
                throw new OperationCanceledException(cancellationToken);
            case AcquireEnd.Refused:
                throw CallKinds.ToException(outcome.Refusal);
            case AcquireEnd.Closed:
                throw new ObjectDisposedException(nameof(MusterClient));
            case AcquireEnd.Unknown:
                throw new MusterUnknownException(
                    acquire.Id, $"{title}: no answer within {core.Options.CallTimeout}, or its wait.",
                    Resolution.TakenBack(
                        acquire.TakenBack.Task, again: null,
                        $"{title}: taken back, or its session has ended."));
            default:
                throw new TimeoutException($"{title} is not held: the service is out of reach.");
        }
    }
}

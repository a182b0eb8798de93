using Microsoft.Extensions.Logging;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// The calls of <see cref="ILocks"/>: each acquire is tried under as many sessions as it takes.
/// </summary>
internal sealed class LockClient(ClientCore core, ILogger logger) : ILocks
{
    public async ValueTask<ILockHandle> AcquireAsync(
        string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        return await RunAsync(name, limit, cancellationToken).ConfigureAwait(false)
            ?? throw new TimeoutException($"Lock {name} is not held: not free within {timeout}.");
    }

    public ValueTask<ILockHandle?> TryAcquireAsync(
        string name, TimeSpan wait, CancellationToken cancellationToken) =>
        new(RunAsync(name, wait, cancellationToken));

    public async ValueTask<LockDescription> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        var answered =
            new TaskCompletionSource<LockReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var query = new Call
        {
            Id = Guid.NewGuid().ToString("N"),
            Command = call => new LockCommand
            {
                DescribeLock = new DescribeLock { CommandId = call.Id, Name = name },
            },
            OnAnswer = reply => answered.TrySetResult(reply),
            Timeout = core.Options.CallTimeout,
            OnTimeout = () => answered.TrySetResult(null),
            OnClose = () => answered.TrySetException(new ObjectDisposedException(nameof(MusterClient))),
        };
        core.Step(parts => parts.Calls.Open(query));
        core.Start();
        await using var registration = cancellationToken.UnsafeRegister(_ =>
        {
            core.StepUnlessClosed(parts => parts.Calls.Close(query));
            answered.TrySetCanceled(cancellationToken);
        }, null).ConfigureAwait(false);
        var reply = await answered.Task.ConfigureAwait(false)
            ?? throw new TimeoutException($"Lock {name}: no description within {core.Options.CallTimeout}.");
        return reply.LockDescription ?? throw Refused(reply.LockRefused);
    }

    private async Task<ILockHandle?> RunAsync(
        string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (timeout is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, TimeSpan.Zero, nameof(timeout));
        }
        cancellationToken.ThrowIfCancellationRequested();
        var patience = new AcquirePatience(core.Clock, timeout, core.Options.CallTimeout);
        while (true)
        {
            var acquire = new Acquire(name, patience.Deadline, patience.UnsentLimit);
            var outcome = await TryOnceAsync(acquire, cancellationToken).ConfigureAwait(false);
            if (outcome.End == AcquireEnd.Granted)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    core.StepUnlessClosed(parts => parts.Held.Release(acquire));
                    cancellationToken.ThrowIfCancellationRequested();
                }
                // By the clock, here and now: this thread may have been away since the grant came.
                if (core.IsHeld(acquire))
                {
                    return new LockHandle(core, acquire, logger);
                }
                core.StepUnlessClosed(parts => parts.Held.Release(acquire));
                outcome = new AcquireOutcome(AcquireEnd.Interrupted);
            }
            if (!patience.GoesOn(acquire, outcome.End))
            {
                ThrowUnlessBusy(acquire, outcome, cancellationToken);
                return null;
            }
        }
    }

    private async Task<AcquireOutcome> TryOnceAsync(Acquire acquire, CancellationToken cancellationToken)
    {
        core.Step(parts => parts.Acquires.Start(acquire));
        core.Start();
        await using var registration = cancellationToken.UnsafeRegister(
            _ => core.StepUnlessClosed(parts => parts.Acquires.GiveUp(acquire, AcquireEnd.Cancelled)), null)
            .ConfigureAwait(false);
        return await acquire.Outcome.ConfigureAwait(false);
    }

    private void ThrowUnlessBusy(Acquire acquire, AcquireOutcome outcome, CancellationToken cancellationToken)
    {
        switch (outcome.End)
        {
            case AcquireEnd.Busy or AcquireEnd.WaitedOut:
                return;
            case AcquireEnd.Cancelled:
                throw new OperationCanceledException(cancellationToken);
            case AcquireEnd.Refused:
                throw Refused(outcome.Refusal);
            case AcquireEnd.Closed:
                throw new ObjectDisposedException(nameof(MusterClient));
            case AcquireEnd.Unknown:
                throw new MusterUnknownException(
                    acquire.Id, $"Lock {acquire.Name}: no answer within {core.Options.CallTimeout}.");
            default:
                throw new TimeoutException($"Lock {acquire.Name} is not held: the service is out of reach.");
        }
    }

    private static MusterRefusedException Refused(LockRefused? refusal)
    {
        refusal ??= Call.OddAnswer;
        return new MusterRefusedException(refusal.Reason, refusal.Message);
    }
}

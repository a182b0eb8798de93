using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// Several names at once: those of one lock group by one acquire, and the groups one after the other in the
/// order of their numbers, so that no two wait for each other; all are given back when one cannot be had.
/// </summary>
internal sealed class AcrossGroups(ClientCore core, Acquiring acquiring)
{
    public async Task<ILockHandle?> RunAsync(
        LockRequest request, string flow, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var until = new AcquirePatience(core.Clock, timeout, core.Options.CallTimeout).Deadline;
        for (var isAgain = false; ; isAgain = true)
        {
            var groups = Groups();
            try
            {
                var (all, isOver) = await TakeAsync(
                    Split(request, groups), flow, until, isAgain, cancellationToken).ConfigureAwait(false);
                if (all is not null || isOver)
                {
                    return all;
                }
                // One was lost while another was waited for: all over again, if there is time.
            }
            catch (MusterRefusedException refused) when (
                refused.Reason is LockRefusal.WrongGroup && Groups() != groups)
            {
                // The service has another number of groups than was known here until its refusal: once more.
            }
        }
    }

    /// <summary>Nothing and not over: one of the first was lost before the last could be had.</summary>
    private async Task<(ILockHandle? All, bool IsOver)> TakeAsync(
        List<LockRequest> parts, string flow, TimeSpan? until, bool isAgain,
        CancellationToken cancellationToken)
    {
        var held = new List<LockHandle>();
        var isOver = true;
        try
        {
            foreach (var part in parts)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(
                    [cancellationToken, .. held.Select(one => one.Lost)]);
                TimeSpan? left = until is { } end
                    ? TimeSpan.FromTicks(Math.Max(0, (end - core.Clock.Now).Ticks))
                    : null;
                if (await acquiring.RunAsync(
                    Claim.Of(part, flow), left, either.Token, isAgain || held.Count > 0)
                    .ConfigureAwait(false) is not { } one)
                {
                    return (null, true);
                }
                held.Add(new LockHandle(one));
            }
            if (held.Exists(one => one.IsLost))
            {
                isOver = false;
                return (null, false);
            }
            ILockHandle all = held.Count == 1 ? held[0] : new ManyHandles([.. held]);
            held.Clear();
            return (all, true);
        }
        catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
        {
            // It was waited for with a token that is known here alone; the caller has its own.
            throw new OperationCanceledException(cancelled.Message, cancelled, cancellationToken);
        }
        catch (OperationCanceledException) when (held.Exists(one => one.IsLost))
        {
            isOver = false;
            return (null, false);
        }
        finally
        {
            // They are sent at once; who gives up does not wait for the answers, which may take an outage.
            var given = Task.WhenAll(held.Select(one => one.DisposeAsync().AsTask()));
            if (!isOver)
            {
                await given.ConfigureAwait(false);
            }
        }
    }

    private int Groups()
    {
        var groups = 1;
        core.Step(parts => groups = parts.Locks.Groups);
        return groups;
    }

    private static List<LockRequest> Split(LockRequest request, int groups) =>
    [
        .. request.Names.GroupBy(name => LockGroups.OfLock(name, groups)).OrderBy(group => group.Key)
            .Select(request.Of),
    ];
}

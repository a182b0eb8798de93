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
        var until = timeout is { } given ? core.Clock.Now + given : (TimeSpan?)null;
        while (true)
        {
            var parts = Split(request);
            try
            {
                return await TakeAsync(parts, flow, until, timeout, cancellationToken).ConfigureAwait(false);
            }
            catch (MusterRefusedException refused) when (
                refused.Reason is LockRefusal.WrongGroup && Split(request).Count != parts.Count)
            {
                // The service has another number of groups than was known here until its refusal: once more.
            }
        }
    }

    private async Task<ILockHandle?> TakeAsync(
        List<LockRequest> parts, string flow, TimeSpan? until, TimeSpan? timeout,
        CancellationToken cancellationToken)
    {
        var held = new List<LockHandle>();
        try
        {
            foreach (var part in parts)
            {
                var left = until is { } end && held.Count > 0
                    ? TimeSpan.FromTicks(Math.Max(0, (end - core.Clock.Now).Ticks))
                    : timeout;
                if (await acquiring.RunAsync(Claim.Of(part, flow), left, cancellationToken)
                    .ConfigureAwait(false) is not { } one)
                {
                    return null;
                }
                held.Add(new LockHandle(one));
            }
            ILockHandle all = held.Count == 1 ? held[0] : new ManyHandles([.. held]);
            held.Clear();
            return all;
        }
        finally
        {
            foreach (var one in held)
            {
                await one.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private List<LockRequest> Split(LockRequest request)
    {
        var groups = 1;
        core.Step(parts => groups = parts.Locks.Groups);
        return
        [
            .. request.Names.GroupBy(name => LockGroups.OfLock(name, groups)).OrderBy(group => group.Key)
                .Select(request.Of),
        ];
    }
}

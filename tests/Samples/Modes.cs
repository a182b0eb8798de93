using Medallion.Threading;
using Muster.Client;
using Muster.DistributedLock;

namespace Muster.Samples.Tests;

internal static class Modes
{
    public static async Task RunAsync(ILocks locks)
    {
        #region readme modes
        await using var reader = await locks.AcquireAsync(LockRequest.Shared("prices"));
        await using var printer = await locks.AcquireAsync(LockRequest.Semaphore("printers", maxPermits: 3));
        // All or none; two such never block each other for ever.
        await using var both = await locks.AcquireAsync(LockRequest.All("accounts/1", "accounts/2"));

        await using var draft = await locks.AcquireAsync(LockRequest.Upgradeable("orders"));
        await draft.UpgradeAsync();                               // alone now, before all who wait
        var deadlocks = await locks.FindDeadlocksAsync();         // .Circles: who waits for whom
        #endregion
        Console.WriteLine(deadlocks.Circles.Count);
    }

    public static async Task ExplainAsync(ILocks locks, ILockHandle held)
    {
        #region readme why-lost
        var why = await locks.ExplainLossAsync(held);
        Console.WriteLine(why?.Explanation);    // Taken from session …: its session's TTL of 15 s ran out, …
        var past = await locks.ReadHistoryAsync(new() { Name = "jobs/nightly", NewestFirst = true });
        #endregion
        Console.WriteLine(past.HasMore);
    }

    public static async Task RunAsync(IMuster muster)
    {
        #region readme distributed-lock
        IDistributedLockProvider provider = new MusterSynchronizationProvider(muster);
        await using (await provider.AcquireLockAsync("jobs/nightly")) { /* as with every DistributedLock */ }
        #endregion
    }
}

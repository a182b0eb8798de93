using Muster.Client;
using Muster.Host.Demo;

namespace Muster.Worker;

/// <summary>
/// Takes one lock round after round: shows the token to the ledger, holds for a while, writes with the token,
/// releases. It writes without asking whether it still holds the lock: the ledger's guard is what has to stop
/// a late write.
/// </summary>
internal sealed class LockWorker(WorkerSettings settings, ILocks locks, Ledger ledger, TimeProvider time)
{
    public static async Task<int> RunAsync(WorkerSettings settings)
    {
        using var ledger = new Ledger(settings.Ledger);
        await using var client = await WorkerClient.ConnectAsync(
            settings.Name, settings.Bus, settings.Cluster, settings.Ttl);
        await new LockWorker(settings, client.Locks, ledger, TimeProvider.System).RunAsync();
        return 0;
    }

    private async Task RunAsync()
    {
        Say(WorkerAct.Started, null);
        for (var round = 0; round < settings.Rounds; round++)
        {
            await using var handle = await locks.AcquireAsync(settings.Lock);
            ledger.Enter(settings.Lock, handle.FencingToken);
            Say(WorkerAct.Held, handle);
            // For good: a process that ran again after a pause may give back before this has had its turn.
            handle.Lost.Register(() => Say(WorkerAct.Lost, handle));
            await Task.Delay(settings.Hold, time);
            // The token is the write's id too: a holder writes once.
            var token = handle.FencingToken;
            var isWritten = ledger.TryWrite(settings.Lock, token.Value, token, settings.Name);
            Say(isWritten ? WorkerAct.Written : WorkerAct.Refused, handle);
            await handle.DisposeAsync();
            Say(WorkerAct.Released, handle);
        }
        Say(WorkerAct.Finished, null);
    }

    private void Say(WorkerAct act, ILockHandle? handle) => Console.Out.WriteLine(new WorkerLine(
        settings.Name, act, settings.Lock, handle?.FencingToken.Value ?? 0, handle?.AcquireId ?? ""));
}

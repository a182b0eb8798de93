using Muster.Client;
using Muster.Contracts;

namespace Muster.Host.Demo;

/// <summary>How a worker paces itself.</summary>
public sealed record WorkerPace
{
    /// <summary>How long an item takes. Default 60 ms.</summary>
    public TimeSpan Work { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>
    /// Dawdle over the n-th item it takes, so that a fault finds it holding the lock; 0 never.
    /// </summary>
    public int DawdleOn { get; init; }

    /// <summary>How long it dawdles. Default 1.5 s.</summary>
    public TimeSpan Dawdle { get; init; } = TimeSpan.FromMilliseconds(1500);
}

/// <summary>
/// Takes items one by one: lock, show the token to the ledger, work, write with the token, release. It does
/// not ask whether it still holds the lock before it writes: that question cannot be answered safely, and
/// the ledger's guard needs no answer.
/// </summary>
public sealed class Worker(
    string name, WorkFolder folder, Ledger ledger, ILocks locks, WorkerPace pace,
    Func<WorkerReport, Task> report, TimeProvider time)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(400);

    private int _taken;

    /// <summary>Works until every item has its result.</summary>
    public async Task RunAsync(int startAt, CancellationToken cancellationToken)
    {
        await report(new WorkerReport(name, WorkerAct.Started, "", FencingToken.None));
        var items = folder.Items;
        for (var pass = 0; ledger.DoneCount() < items.Count; pass++)
        {
            for (var i = 0; i < items.Count; i++)
            {
                var item = items[(startAt + i) % items.Count];
                if (!ledger.IsDone(item))
                {
                    // The first pass takes what is free; later ones queue behind the holder.
                    await TryTakeAsync(item, pass == 0 ? TimeSpan.Zero : Wait, cancellationToken);
                }
            }
        }
        await report(new WorkerReport(name, WorkerAct.Finished, "", FencingToken.None));
    }

    private async Task TryTakeAsync(string item, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await using var held = await locks.TryAcquireAsync(item, wait, cancellationToken);
            if (held is not null)
            {
                await DoAsync(item, held, cancellationToken);
            }
        }
        catch (MusterUnknownException)
        {
            // Nobody can say whether the lock was granted; if it was, the client gives it
            // back. The next pass tries again.
            await Task.Delay(pace.Work, time, cancellationToken);
        }
    }

    private async Task DoAsync(string item, ILockHandle held, CancellationToken cancellationToken)
    {
        if (ledger.Enter(item, held.FencingToken))
        {
            return;
        }
        var dawdles = ++_taken == pace.DawdleOn;
        await report(new WorkerReport(
            name, dawdles ? WorkerAct.Dawdling : WorkerAct.Holding, item, held.FencingToken));
        var words = folder.CountWords(item);
        await Task.Delay(dawdles ? pace.Dawdle : pace.Work, time, cancellationToken);
        var act = ledger.TryWrite(item, words, held.FencingToken, name) ? WorkerAct.Done : WorkerAct.Refused;
        await report(new WorkerReport(name, act, item, held.FencingToken));
    }
}

using Muster.Client;
using Muster.Contracts;

namespace Muster.Host.Demo.Team;

/// <summary>
/// Takes its items one by one: lock, show the token to the ledger, work, write with the token, release.
/// It does not ask whether it still holds the lock before it writes: that question cannot be answered
/// safely, and the ledger's guard needs no answer.
/// </summary>
public sealed class Worker(
    WorkerArguments arguments, WorkFolder folder, Ledger ledger, ILocks locks, Assignment assignment,
    Func<WorkerReport, Task> report, TimeProvider time)
{
    /// <summary>It dawdles over its third item, so that a fault finds it holding the lock.</summary>
    private const int DawdleOn = 3;

    private static readonly TimeSpan Dawdle = TimeSpan.FromMilliseconds(1_500);
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(400);

    private readonly TeamNames _team = new(arguments.Run);
    private int _taken;

    /// <summary>Works until every item has its result, whoever did it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (ledger.DoneCount() < folder.Items.Count)
        {
            var items = assignment.Items;
            var undone = items.Where(item => !ledger.IsDone(item)).ToList();
            if (undone.Count == 0)
            {
                await assignment.WaitAsync(Wait, time, cancellationToken);
            }
            foreach (var item in undone.TakeWhile(_ => ReferenceEquals(items, assignment.Items)))
            {
                await TryTakeAsync(item, cancellationToken);
            }
        }
        await report(new WorkerReport(arguments.Name, WorkerAct.Finished, "", FencingToken.None));
    }

    private async Task TryTakeAsync(string item, CancellationToken cancellationToken)
    {
        try
        {
            await using var held = await locks.TryAcquireAsync(_team.Lock(item), Wait, cancellationToken);
            if (held is not null)
            {
                await DoAsync(item, held, cancellationToken);
            }
        }
        catch (Exception notNow) when (notNow is MusterUnknownException or TimeoutException)
        {
            // Nobody can say whether the lock was granted, or nobody was reached all the while, as when the
            // broker is restarted; if it was granted, the client gives it back. The next pass tries again.
            await Task.Delay(assignment.Rate, time, cancellationToken);
        }
    }

    private async Task DoAsync(string item, ILockHandle held, CancellationToken cancellationToken)
    {
        if (ledger.Enter(item, held.FencingToken))
        {
            return;
        }
        var dawdles = ++_taken == DawdleOn;
        await report(new WorkerReport(
            arguments.Name, dawdles ? WorkerAct.Dawdling : WorkerAct.Holding, item, held.FencingToken));
        var words = folder.CountWords(item);
        await Task.Delay(dawdles ? Dawdle : assignment.Rate, time, cancellationToken);
        var isAccepted = ledger.TryWrite(item, words, held.FencingToken, arguments.Name);
        await report(new WorkerReport(
            arguments.Name, isAccepted ? WorkerAct.Done : WorkerAct.Refused, item, held.FencingToken));
    }
}

using System.Collections.Concurrent;

namespace Muster.Host.Demo;

/// <summary>The faults the demo causes, whatever its workers are: tasks or processes.</summary>
public interface IDemoStage
{
    bool IsOnBus { get; }

    /// <summary>Ends a worker at once, its lock not released.</summary>
    void Kill(string worker);

    /// <summary>Freezes a worker.</summary>
    void Pause(string worker);

    void Resume(string worker);

    /// <summary>Kill -9 of the process of a consensus node; false when there are no processes.</summary>
    bool KillConsensusNode(string node);
}

/// <summary>
/// Runs the faults in an order that proves something: a holder is killed, another is paused until its lock
/// has passed on, and on the bus the consensus leader is killed under load.
/// </summary>
public sealed class DemoScript(
    IDemoStage stage, LockWatcher watcher, Timeline timeline, WorkFolder folder,
    IReadOnlyCollection<string> workers, TimeProvider time)
{
    public const string Killed = "worker-1";
    public const string Paused = "worker-2";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly System.Threading.Lock _gate = new();
    private readonly HashSet<string> _finished = [];
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, string> _doneItems = new(StringComparer.Ordinal);
    private int _done;

    /// <summary>
    /// Takes a worker's report, and causes the fault it gives rise to before it returns. Thread-safe.
    /// </summary>
    public void Post(WorkerReport report)
    {
        lock (_gate)
        {
            Take(report);
        }
    }

    /// <summary>A worker broke: the demo ends and says why.</summary>
    public void Fail(string why) => _end.TrySetException(new DemoException(why));

    /// <summary>Returns when all workers but the killed one have finished.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _end.Task.WaitAsync(cancellationToken);

    private void Take(WorkerReport report)
    {
        switch (report.Act)
        {
            case WorkerAct.Started:
                timeline.Add(report.Worker, "started");
                break;
            case WorkerAct.Dawdling when report.Worker == Killed:
                timeline.Add(
                    report.Worker, $"holds {report.Item}, token {report.Token}: kill -9", isFault: true);
                stage.Kill(Killed);
                break;
            case WorkerAct.Dawdling when report.Worker == Paused:
                timeline.Add(
                    report.Worker, $"holds {report.Item}, token {report.Token}: paused", isFault: true);
                stage.Pause(Paused);
                _ = ResumeWhenTakenOverAsync(report);
                break;
            case WorkerAct.Done:
                Count(report);
                break;
            case WorkerAct.Refused:
                timeline.Add(
                    report.Worker, $"write of {report.Item} with token {report.Token} refused: stale");
                break;
            case WorkerAct.Finished:
                timeline.Add(report.Worker, "finds no more work");
                Finish(report.Worker);
                break;
        }
    }

    private void Count(WorkerReport report)
    {
        _done++;
        _doneItems[report.Item] = report.Worker;
        if (_done % Math.Max(1, folder.Items.Count / 10) == 0)
        {
            timeline.Add(
                report.Worker,
                $"did {report.Item}, token {report.Token}: {_done} of {folder.Items.Count} items");
        }
        if (stage.IsOnBus && _done == folder.Items.Count / 3 && watcher.Leader is { Length: > 0 } leader)
        {
            timeline.Add(leader, "leads consensus: kill -9", isFault: true);
            stage.KillConsensusNode(leader);
        }
    }

    private void Finish(string worker)
    {
        _finished.Add(worker);
        if (workers.All(name => name == Killed || _finished.Contains(name)))
        {
            _end.TrySetResult();
        }
    }

    private async Task ResumeWhenTakenOverAsync(WorkerReport report)
    {
        // Until another has the lock AND has written: then the late write would do the item a second time.
        while (!_end.Task.IsCompleted
            && !(watcher.WasTakenOver(report.Item, report.Token) && _doneItems.ContainsKey(report.Item)))
        {
            await Task.Delay(Poll, time);
        }
        timeline.Add(Paused, $"resumed; it still believes it holds {report.Item}", isFault: true);
        stage.Resume(Paused);
    }
}

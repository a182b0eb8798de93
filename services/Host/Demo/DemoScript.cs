using System.Collections.Concurrent;
using Muster.Client;
using Muster.Host.Demo.Stages;
using Muster.Host.Demo.Team;
using Muster.Host.Demo.Watching;

namespace Muster.Host.Demo;

/// <summary>
/// Runs the faults in an order that proves something: the leader is killed with a lock in its hand, another
/// worker is paused until its lock has passed on, the configuration is changed under way, and where the demo
/// has consensus nodes of its own their leader is killed under load.
/// </summary>
public sealed class DemoScript(
    IDemoStage stage, LockWatcher locks, Timeline timeline, WorkFolder folder, IConfig config,
    TeamNames team, TimeProvider time)
{
    public const string SecondRate = "20";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly System.Threading.Lock _gate = new();
    private readonly HashSet<string> _workers = [];
    private readonly HashSet<string> _finished = [];
    private readonly HashSet<string> _met = [];
    private readonly HashSet<string> _paced = [];
    private readonly List<(string Worker, long Token)> _leaders = [];
    private readonly ConcurrentDictionary<string, string> _doneItems = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _rate = Task.CompletedTask;
    private string _killed = "";
    private string _paused = "";
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

    /// <summary>Returns when all these workers but the killed one have finished.</summary>
    public async Task<TeamObservations> RunAsync(
        IReadOnlyCollection<string> workers, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _workers.UnionWith(workers);
        }
        await _end.Task.WaitAsync(cancellationToken);
        await _rate.WaitAsync(cancellationToken);
        lock (_gate)
        {
            return new TeamObservations
            {
                Workers = [.. _workers],
                Killed = _killed,
                Paused = _paused,
                Met = _met.Count,
                Leaders = [.. _leaders],
                Paced = [.. _paced],
            };
        }
    }

    private void Take(WorkerReport report)
    {
        if (report.Worker == _killed)
        {
            return; // the end of a task that plays a killed process
        }
        switch (report.Act)
        {
            case WorkerAct.Started:
                timeline.Add(report.Worker, "started");
                break;
            case WorkerAct.Met:
                _met.Add(report.Worker);
                timeline.Add(report.Worker, $"finds {report.Item} in the registry");
                break;
            case WorkerAct.Leads:
                _leaders.Add((report.Worker, report.Token.Value));
                timeline.Add(
                    report.Worker, $"is elected leader, token {report.Token}, and hands out the work");
                break;
            case WorkerAct.Deposed:
                timeline.Add(report.Worker, "leads no more");
                break;
            case WorkerAct.Paced:
                _paced.Add(report.Worker);
                timeline.Add(report.Worker, $"is told to take {report.Item} an item");
                break;
            case WorkerAct.Dawdling:
                CauseFault(report);
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

    /// <summary>The leader is killed; the first other one that dawdles is paused.</summary>
    private void CauseFault(WorkerReport report)
    {
        var isLeader = _leaders.Count > 0 && _leaders[^1].Worker == report.Worker;
        var holds = $"holds {report.Item}, token {report.Token}";
        if (isLeader && _killed.Length == 0)
        {
            _killed = report.Worker;
            timeline.Add(report.Worker, $"leads, and {holds}: kill -9", isFault: true);
            stage.Kill(report.Worker);
        }
        else if (!isLeader && _paused.Length == 0)
        {
            _paused = report.Worker;
            timeline.Add(report.Worker, $"{holds}: paused", isFault: true);
            stage.Pause(report.Worker);
            _ = ResumeWhenTakenOverAsync(report);
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
        if (_done == folder.Items.Count / 4)
        {
            timeline.Add("demo", $"writes the configuration {team.RateKey} = {SecondRate}");
            _rate = Task.Run(() => Patience.UntilKnownAsync(
                () => config.PutAsync(team.RateKey, SecondRate), time, CancellationToken.None));
        }
        if (stage.HasNodes && _done == folder.Items.Count / 3 && locks.Leader is { Length: > 0 } leader)
        {
            timeline.Add(leader, "leads consensus: kill -9", isFault: true);
            stage.KillConsensusNode(leader);
        }
    }

    private void Finish(string worker)
    {
        _finished.Add(worker);
        if (_workers.All(name => name == _killed || _finished.Contains(name)))
        {
            _end.TrySetResult();
        }
    }

    private async Task ResumeWhenTakenOverAsync(WorkerReport report)
    {
        // Until another has the lock AND has written: then the late write would do the item a second time.
        while (!_end.Task.IsCompleted
            && !(locks.WasTakenOver(team.Lock(report.Item), report.Token)
                && _doneItems.ContainsKey(report.Item)))
        {
            await Task.Delay(Poll, time);
        }
        timeline.Add(report.Worker, $"resumed; it still believes it holds {report.Item}", isFault: true);
        stage.Resume(report.Worker);
    }
}

/// <summary>What the workers said of themselves.</summary>
public sealed record TeamObservations
{
    public IReadOnlyList<string> Workers { get; init; } = [];

    /// <summary>Empty: the leader never dawdled.</summary>
    public string Killed { get; init; } = "";

    public string Paused { get; init; } = "";

    /// <summary>Workers that saw the whole team in the registry.</summary>
    public int Met { get; init; }

    /// <summary>In the order of their elections, with their tokens.</summary>
    public IReadOnlyList<(string Worker, long Token)> Leaders { get; init; } = [];

    /// <summary>Workers that the changed configuration reached.</summary>
    public IReadOnlyList<string> Paced { get; init; } = [];
}

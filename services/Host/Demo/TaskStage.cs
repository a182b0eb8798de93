using Muster.Bus;
using Muster.Client;

namespace Muster.Host.Demo;

/// <summary>
/// The stage of the embedded demo: workers are tasks of this process. A killed one stops between two steps
/// with its link cut, a paused one stands still with its link cut; nothing of either is released.
/// </summary>
public sealed class TaskStage(ILinkFactory links, WorkFolder folder, string ledgerPath, TimeProvider time)
    : IDemoStage, IAsyncDisposable
{
    private readonly Dictionary<string, Actor> _actors = new(StringComparer.Ordinal);

    public bool IsOnBus => false;

    public void StartWorker(string name, int startAt, WorkerPace pace, DemoScript script)
    {
        var gate = new GatedLinkFactory(links);
        var actor = new Actor(gate, DemoClients.Create(name, gate));
        _actors[name] = actor;
        actor.Running = Task.Run(() => RunAsync(name, startAt, pace, actor, script));
    }

    private async Task RunAsync(string name, int startAt, WorkerPace pace, Actor actor, DemoScript script)
    {
        using var ledger = new Ledger(ledgerPath);
        var worker = new Worker(name, folder, ledger, actor.Muster.Locks, pace, ReportAsync, time);
        try
        {
            await worker.RunAsync(startAt, actor.Stop.Token);
        }
        catch (Exception failure) when (!actor.Stop.IsCancellationRequested)
        {
            script.Fail($"{name} failed: {failure}");
        }

        async Task ReportAsync(WorkerReport act)
        {
            script.Post(act);
            // A task cannot be stopped from outside: it stands still where its fault finds it.
            await actor.StandStillAsync();
        }
    }

    public void Kill(string worker)
    {
        _actors[worker].Freeze();
        _actors[worker].Stop.Cancel();
    }

    public void Pause(string worker) => _actors[worker].Freeze();

    public void Resume(string worker) => _actors[worker].Thaw();

    public bool KillConsensusNode(string node) => false;

    public async ValueTask DisposeAsync()
    {
        foreach (var actor in _actors.Values)
        {
            await actor.Stop.CancelAsync();
            actor.Thaw();
            await actor.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await actor.Muster.DisposeAsync();
            actor.Stop.Dispose();
        }
    }

    private sealed class Actor(GatedLinkFactory gate, MusterClient muster)
    {
        private readonly System.Threading.Lock _lock = new();
        private TaskCompletionSource? _frozen;

        public MusterClient Muster => muster;

        public CancellationTokenSource Stop { get; } = new();

        public Task Running { get; set; } = Task.CompletedTask;

        public void Freeze()
        {
            lock (_lock)
            {
                gate.IsShut = true;
                _frozen ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public void Thaw()
        {
            lock (_lock)
            {
                gate.IsShut = false;
                _frozen?.TrySetResult();
                _frozen = null;
            }
        }

        public Task StandStillAsync()
        {
            lock (_lock)
            {
                return _frozen is { } frozen ? frozen.Task.WaitAsync(Stop.Token) : Task.CompletedTask;
            }
        }
    }
}

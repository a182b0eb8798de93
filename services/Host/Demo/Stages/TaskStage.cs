using Muster.Bus;
using Muster.Client;
using Muster.Host.Demo.Team;
using Muster.Views;

namespace Muster.Host.Demo.Stages;

/// <summary>
/// The stage of the embedded demo: workers are tasks of this process. A killed one stops between two steps
/// with its link cut, a paused one stands still with its link cut; nothing of either is released.
/// </summary>
public sealed class TaskStage(
    ILinkFactory links, IServiceViews views, WorkFolder folder, TimeProvider time)
    : IDemoStage, IAsyncDisposable
{
    private readonly Dictionary<string, Actor> _actors = new(StringComparer.Ordinal);

    public bool HasNodes => false;

    public void StartWorker(WorkerArguments worker, DemoScript script)
    {
        var gate = new GatedLinkFactory(links);
        var actor = new Actor(gate, DemoClients.Create(worker, gate, views));
        _actors[worker.Name] = actor;
        actor.Running = Task.Run(() => RunAsync(worker, actor, script));
    }

    private async Task RunAsync(WorkerArguments worker, Actor actor, DemoScript script)
    {
        using var ledger = new Ledger(worker.Ledger);
        var member = new TeamMember(worker, folder, ledger, actor.Muster, ReportAsync, time);
        try
        {
            await member.RunAsync(actor.Stop.Token);
        }
        catch (Exception failure) when (!actor.Stop.IsCancellationRequested)
        {
            script.Fail($"{worker.Name} failed: {failure}");
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

    public void KillConsensusNode(string node) =>
        throw new InvalidOperationException("The embedded demo has no node that could be killed alone.");

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

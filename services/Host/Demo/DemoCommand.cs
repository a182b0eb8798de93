using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Client;
using Muster.Host.Demo.Stages;
using Muster.Host.Demo.Team;
using Muster.Host.Demo.Watching;
using Muster.Host.Embedded;
using Muster.Hosting;
using Muster.Views;
using Spectre.Console;

namespace Muster.Host.Demo;

/// <summary>What the demo is asked to run on.</summary>
/// <param name="Folder">Whose files are counted; null: the repository's.</param>
/// <param name="Bus">The broker; null: everything in one process.</param>
/// <param name="Redis">For the services' views; null: without.</param>
/// <param name="IsAttached">The services are there already, of the default cluster.</param>
public sealed record DemoRequest(string? Folder, Uri? Bus, string? Redis, bool IsAttached);

/// <summary>The demo: the main job on real input, under faults, with an audit that can fail.</summary>
public static class DemoCommand
{
    private const int Workers = 4;

    /// <summary>Of fewer, nobody may come so far that a fault is caused.</summary>
    private const int FewestFiles = 12;

    /// <summary>
    /// A silent task leaves no closed connection behind as evidence, so silence alone must do, and soon.
    /// </summary>
    private static readonly string[] QuickVerdicts =
        ["--Detector:FailAfter=00:00:02", "--Detector:AcceptablePause=00:00:00.5"];

    /// <summary>A demo that stands still fails.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan CleaningLimit = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(DemoRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var data = Directory.CreateTempSubdirectory("muster-demo-");
        try
        {
            var folder = WorkFolder.Open(request.Folder);
            if (folder.Items.Count < FewestFiles)
            {
                throw new DemoException($"The folder {folder.Path} has {folder.Items.Count} files; "
                    + $"the demo needs {FewestFiles}.");
            }
            var timeline = new Timeline(AnsiConsole.Console, TimeProvider.System);
            timeline.Add(
                "demo",
                $"{folder.Items.Count} files of {folder.Path}, {Workers} workers, ledger in {data.FullName}");
            using var ledger = new Ledger(Path.Combine(data.FullName, "ledger.db"));
            var run = new DemoRun(request, folder, timeline, data.FullName);
            var seen = request.Bus is null
                ? await RunEmbeddedAsync(run, either.Token)
                : await RunOnBusAsync(run, request.Bus, either.Token);
            var audit = Audit.Of(folder, ledger, seen);
            timeline.Print(audit);
            return audit.Passed ? 0 : 1;
        }
        catch (Exception refused) when (refused is DemoException or StartRefusedException
            or OptionsValidationException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{refused.Message}[/]");
            return 1;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            AnsiConsole.MarkupLine(limit.IsCancellationRequested
                ? $"[red]The demo did not finish within {Limit.TotalSeconds} s.[/]"
                : "Stopped.");
            return 1;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task<DemoObservations> RunEmbeddedAsync(
        DemoRun run, CancellationToken cancellationToken)
    {
        using var host = EmbeddedHost.Build(run.Data, QuickVerdicts, LogLevel.Error);
        await host.StartAsync(cancellationToken);
        try
        {
            var links = host.Services.GetRequiredService<ILinkFactory>();
            var views = host.Services.GetRequiredService<IServiceViews>();
            await using var stage = new TaskStage(links, views, run.Folder, TimeProvider.System);
            return await run.RunAsync(links, stage, stage.StartWorker, cancellationToken);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<DemoObservations> RunOnBusAsync(
        DemoRun run, Uri bus, CancellationToken cancellationToken)
    {
        if (!run.Request.IsAttached)
        {
            // A cluster of its own, so that the demo may run beside others on the same broker.
            return await RunOnBusAsync(run, bus, run.Team.Run, cancellationToken);
        }
        try
        {
            return await RunOnBusAsync(run, bus, BusNames.DefaultCluster, cancellationToken);
        }
        finally
        {
            await RemoveTracesAsync(run.Team, bus);
        }
    }

    private static async Task RemoveTracesAsync(TeamNames team, Uri bus)
    {
        using var limit = new CancellationTokenSource(CleaningLimit, TimeProvider.System);
        try
        {
            await using var muster = DemoClients.CreateForDemo(
                team, DemoClients.LinksTo(bus, BusNames.DefaultCluster, "demo"));
            await TeamTraces.RemoveAsync(muster, team, limit.Token);
        }
        catch (Exception left) when (left is MusterUnknownException or MusterRefusedException
            or TimeoutException or OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated(
                $"[red]The standby group {team.Standbys} and the keys {team.Config} stay: {left.Message}[/]");
        }
    }

    private static async Task<DemoObservations> RunOnBusAsync(
        DemoRun run, Uri bus, string cluster, CancellationToken cancellationToken)
    {
        using var stage = new BusStage(bus, cluster, run.Request.Redis, run.Data);
        try
        {
            if (!run.Request.IsAttached)
            {
                stage.StartServices();
            }
            return await run.RunAsync(
                DemoClients.LinksTo(bus, cluster, "demo"), stage,
                (worker, script) => stage.StartWorker(
                    worker with { Bus = bus, Cluster = cluster, Redis = run.Request.Redis }, script.Post),
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            foreach (var (name, hasExited, tail) in stage.Outputs())
            {
                AnsiConsole.WriteLine(
                    $"--- {name}{(hasExited ? " (ended)" : "")}{Environment.NewLine}{tail}");
            }
            throw;
        }
    }

    /// <summary>One run: the same on every stage.</summary>
    private sealed class DemoRun(DemoRequest request, WorkFolder folder, Timeline timeline, string data)
    {
        private readonly TeamNames _team = TeamNames.Draw();

        public TeamNames Team => _team;

        public DemoRequest Request => request;

        public WorkFolder Folder => folder;

        public string Data => data;

        public async Task<DemoObservations> RunAsync(
            ILinkFactory links, IDemoStage stage, Action<WorkerArguments, DemoScript> start,
            CancellationToken cancellationToken)
        {
            await using var locks = new LockWatcher(
                links, _team, timeline, seesConsensus: !request.IsAttached);
            await using var team = new TeamWatcher(links, _team, timeline);
            await locks.StartAsync(cancellationToken);
            await team.StartAsync(cancellationToken);
            await using var muster = DemoClients.CreateForDemo(_team, links);
            await WarmUpAsync(muster, cancellationToken);
            locks.Ask();
            var script = new DemoScript(
                stage, locks, timeline, folder, muster.Config, _team, TimeProvider.System);
            var workers = Cast().ToList();
            foreach (var worker in workers)
            {
                start(worker, script);
            }
            var members = await script.RunAsync(
                [.. workers.Select(worker => worker.Name)], cancellationToken);
            return new DemoObservations
            {
                HasNodes = stage.HasNodes,
                Elections = locks.Elections,
                HandOversByExpiry = locks.HandOversByExpiry,
                Team = members,
                Failed = [.. members.Workers.Where(worker => team.Failed.Contains(_team.Node(worker)))],
                Promoted = team.Promoted,
            };
        }

        private IEnumerable<WorkerArguments> Cast() =>
            Enumerable.Range(1, Workers).Select(number => new WorkerArguments
            {
                Name = $"worker-{number}",
                Run = _team.Run,
                TeamSize = Workers,
                Folder = folder.Path,
                Ledger = Path.Combine(data, "ledger.db"),
            });

        /// <summary>The first lock proves that everything is up, and says how long that took.</summary>
        private async Task WarmUpAsync(MusterClient muster, CancellationToken cancellationToken)
        {
            for (var granted = false; !granted;)
            {
                try
                {
                    await using var held = await muster.Locks.AcquireAsync(
                        _team.Lock("warm-up"), null, cancellationToken);
                    timeline.Add("demo", $"the first lock is granted, token {held.FencingToken}");
                    granted = true;
                }
                catch (Exception early) when (early is MusterUnknownException or TimeoutException)
                {
                    timeline.Add("demo", "the services are not up yet");
                }
            }
        }
    }
}

using Microsoft.Extensions.DependencyInjection;
using Muster.Bus;
using Muster.Client;
using Muster.Host.Embedded;
using Spectre.Console;

namespace Muster.Host.Demo;

/// <summary>The demo: the main job on real input, under faults, with an audit that can fail.</summary>
public static class DemoCommand
{
    private const int Workers = 4;

    /// <summary>A demo that stands still fails.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string? path, Uri? bus, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var data = Directory.CreateTempSubdirectory("muster-demo-");
        try
        {
            var folder = WorkFolder.Open(path);
            var timeline = new Timeline(AnsiConsole.Console, TimeProvider.System);
            timeline.Add(
                "demo",
                $"{folder.Items.Count} files of {folder.Path}, {Workers} workers, ledger in {data.FullName}");
            using var ledger = new Ledger(LedgerPath(data.FullName));
            var seen = bus is null
                ? await RunEmbeddedAsync(folder, timeline, data.FullName, either.Token)
                : await RunOnBusAsync(bus, folder, timeline, data.FullName, either.Token);
            var audit = Audit.Of(folder, ledger, seen);
            timeline.Print(audit);
            return audit.Passed ? 0 : 1;
        }
        catch (DemoException refused)
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
        WorkFolder folder, Timeline timeline, string data, CancellationToken cancellationToken)
    {
        using var host = EmbeddedHost.Build(data, [], quiet: true);
        await host.StartAsync(cancellationToken);
        try
        {
            var links = host.Services.GetRequiredService<ILinkFactory>();
            await using var watcher = new LockWatcher(links, timeline);
            await watcher.StartAsync(cancellationToken);
            await WarmUpAsync(links, watcher, timeline, cancellationToken);
            await using var stage = new TaskStage(links, folder, LedgerPath(data), TimeProvider.System);
            var script = new DemoScript(stage, watcher, timeline, folder, Names(folder), TimeProvider.System);
            foreach (var (name, startAt, dawdleOn) in Cast(folder))
            {
                stage.StartWorker(name, startAt, new WorkerPace { DawdleOn = dawdleOn }, script);
            }
            await script.RunAsync(cancellationToken);
            return new DemoObservations(IsOnBus: false, watcher.Elections, watcher.HandOversByExpiry);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<DemoObservations> RunOnBusAsync(
        Uri bus, WorkFolder folder, Timeline timeline, string data, CancellationToken cancellationToken)
    {
        // A cluster of its own, so that the demo may run beside others on the same broker.
        var cluster = $"demo-{Environment.ProcessId}";
        using var stage = new BusStage(bus, cluster, data);
        try
        {
            stage.StartServices();
            var links = DemoClients.LinksTo(bus, cluster, "demo");
            await using var watcher = new LockWatcher(links, timeline);
            await watcher.StartAsync(cancellationToken);
            await WarmUpAsync(links, watcher, timeline, cancellationToken);
            var script = new DemoScript(stage, watcher, timeline, folder, Names(folder), TimeProvider.System);
            foreach (var (name, startAt, dawdleOn) in Cast(folder))
            {
                stage.StartWorker(
                    new WorkerArguments(name, bus, cluster, folder.Path, LedgerPath(data), startAt, dawdleOn),
                    script.Post);
            }
            await script.RunAsync(cancellationToken);
            return new DemoObservations(IsOnBus: true, watcher.Elections, watcher.HandOversByExpiry);
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

    private static string[] Names(WorkFolder folder) => [.. Cast(folder).Select(worker => worker.Name)];

    private static string LedgerPath(string data) => Path.Combine(data, "ledger.db");

    /// <summary>The first two meet their faults with their third item in hand.</summary>
    private static IEnumerable<(string Name, int StartAt, int DawdleOn)> Cast(WorkFolder folder) =>
        Enumerable.Range(1, Workers).Select(number => (
            $"worker-{number}", (number - 1) * folder.Items.Count / Workers, number <= 2 ? 3 : 0));

    /// <summary>The first lock proves that everything is up, and says how long that took.</summary>
    private static async Task WarmUpAsync(
        ILinkFactory links, LockWatcher watcher, Timeline timeline, CancellationToken cancellationToken)
    {
        await using var muster = DemoClients.Create("demo", links);
        for (var granted = false; !granted;)
        {
            try
            {
                await using var held = await muster.Locks.AcquireAsync(
                    "demo/warm-up", null, cancellationToken);
                timeline.Add("demo", $"the first lock is granted, token {held.FencingToken}");
                granted = true;
            }
            catch (Exception early) when (early is MusterUnknownException or TimeoutException)
            {
                timeline.Add("demo", "the services are not up yet");
            }
        }
        watcher.Ask();
    }
}

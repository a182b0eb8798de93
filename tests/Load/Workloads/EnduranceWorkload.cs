using System.CommandLine;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;
using Muster.Load.Stage;

namespace Muster.Load.Workloads;

/// <summary>
/// Millions of entries at full speed, with a log that is cut as a replica has it cut: what must stay flat
/// then is printed for each million. At the end the log is left to run full, and a node with it started anew.
/// </summary>
internal sealed class EnduranceWorkload : IWorkload
{
    private const long DefaultEntries = 10_000_000;
    private const long Step = 1_000_000;
    private const int SnapshotBytes = 256 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Option<long> _entries = new("--entries")
    {
        Description = "Entries to be committed before the log is left to run full.",
        DefaultValueFactory = _ => DefaultEntries,
    };

    private readonly Option<int> _minutes = new("--minutes")
    {
        Description = "The longest that they may take, 1 to 600.",
        DefaultValueFactory = _ => 30,
    };

    public EnduranceWorkload()
    {
        _entries.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() < 1) result.AddError("--entries takes 1 or more.");
        });
        _minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 600) result.AddError("--minutes takes 1 to 600.");
        });
    }

    public string Name => "endurance";

    public string Description =>
        "Millions of entries with compaction: memory and files for each million, and the restart of a node "
        + "whose log is full.";

    public IReadOnlyList<Option> Options => [_entries, _minutes];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        // What a start takes without a log to be read.
        await RestartWorkload.MeasureAsync(context, cancellationToken);
        var kind = new Proposals(context.Cluster.Links.Names, SnapshotBytes);
        var load = RequestLoad.Closed(context.Cluster, context.View, kind, RestartWorkload.Outstanding);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(stop.Token);
        var tally = load.Tallies[0];
        tally.Open(Clock.Now);
        await WatchAsync(context, tally, running, cancellationToken);
        kind.OffersSnapshots = false;
        await RestartWorkload.FillAsync(context, tally, running, cancellationToken);
        await stop.CancelAsync();
        await running;
        context.Report.Note(await DescribeAsync(context, "the log is full", cancellationToken));
        await RestartWorkload.MeasureAsync(context, cancellationToken);
    }

    private async Task WatchAsync(
        LoadContext context, Tally tally, Task running, CancellationToken cancellationToken)
    {
        var entries = context.Arguments.GetValue(_entries);
        var limit = TimeSpan.FromMinutes(context.Arguments.GetValue(_minutes));
        var (started, since, next) = (Clock.Now, Clock.Now, Math.Min(Step, entries));
        while (next <= entries && Clock.Since(started) < limit)
        {
            if (tally.Count < next)
            {
                await WaitAsync(context, running, $"{tally.Count:N0} of {entries:N0}", cancellationToken);
                continue;
            }
            var rate = Math.Min(Step, next) / Clock.Since(since).TotalSeconds;
            since = Clock.Now;
            var line = await DescribeAsync(
                context, FormattableString.Invariant($"{next:N0} entries, {rate:N0} /s"), cancellationToken);
            context.Progress.Say(line);
            context.Report.Note(line);
            next += Step;
        }
    }

    private static async Task WaitAsync(
        LoadContext context, Task running, string what, CancellationToken cancellationToken)
    {
        context.Progress.Show("endurance: " + what);
        if (running.IsCompleted) await running;
        await Clock.Wait(Pause, cancellationToken);
    }

    private static async Task<string> DescribeAsync(
        LoadContext context, string what, CancellationToken cancellationToken)
    {
        var nodes = new List<string>();
        foreach (var node in ClusterPlan.Nodes)
        {
            var counts = await context.Cluster.Service(node).CountsAsync(cancellationToken);
            var folder = Path.Combine(context.Cluster.Folder, node);
            nodes.Add(FormattableString.Invariant(
                $"{node} {Mib(counts!.WorkingSet)}, managed {Mib(counts.Managed)}, ")
                + FormattableString.Invariant($"db {FileSize(folder, "consensus.db")}, ")
                + FormattableString.Invariant($"wal {FileSize(folder, "consensus.db-wal")}"));
        }
        return $"endurance: {what}; MiB: {string.Join("; ", nodes)}";
    }

    private static string FileSize(string folder, string name) =>
        Mib(new FileInfo(Path.Combine(folder, name)) is { Exists: true } file ? file.Length : 0);

    private static string Mib(long bytes) => FormattableString.Invariant($"{bytes / 1024.0 / 1024:N0}");
}

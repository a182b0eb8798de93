using System.CommandLine;
using System.Globalization;
using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Histories;

namespace Muster.Load.Histories;

/// <summary>
/// Records what clients do while processes are killed and paused, wires cut and the broker restarted, an
/// episode after the other, and judges each before the next.
/// </summary>
internal sealed class HistoriesCommand
{
    private const int AllRight = 0;
    private const int Violated = 1;
    private const int Undecided = 2;
    private static readonly TimeSpan EpisodeTime = TimeSpan.FromMinutes(1);

    private readonly Option<int> _minutes = new("--minutes")
    {
        Description = "How many episodes of a minute of faults each, 1 to 10000.",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Of everything that is left to chance; printed. Default: by chance.",
        DefaultValueFactory = _ => Random.Shared.Next(),
    };

    public HistoriesCommand() => _minutes.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
        {
            result.AddError("--minutes takes 1 to 10000.");
        }
    });

    public Command Create()
    {
        var command = new Command(
            "histories",
            "Locks of every kind, guarded writes and configuration under kill -9, SIGSTOP, cut wires and "
            + "broker restarts; every history judged. The broker is one of its own, or the one that "
            + "MUSTER_TEST_RABBITMQ names, which is left alone then. Exit code 0: all is right, 1: something "
            + "is not, 2: a check was not decided.") { _minutes, _seed };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(_minutes), parsed.GetValue(_seed), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(int episodes, int seed, CancellationToken cancellationToken)
    {
        await using var broker = await BrokerChoice.StartSharedAsync();
        Console.WriteLine(
            $"{episodes} episodes of {EpisodeTime.TotalSeconds} s of faults, seed {seed}, on "
            + $"{broker.Description}{(broker.CanControl ? "" : ", which is neither stopped nor paused")}");
        var code = AllRight;
        List<EpisodeReport> reports = [];
        try
        {
            await using var cluster = await MusterCluster.StartAsync(
                broker, $"histories-{Guid.NewGuid():N}"[..16],
                new ClusterOptions { HasCuttableWires = true, Registries = 2 });
            while (reports.Count < episodes && code != Violated)
            {
                var next = await NextAsync(cluster, seed + reports.Count, reports, cancellationToken);
                code = next == AllRight ? code : next;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.WriteLine("Stopped.");
            return Violated;
        }
        catch (Exception failure) when (failure is TimeoutException or InvalidOperationException)
        {
            Console.WriteLine($"episode {reports.Count + 1} broke off: {failure.Message}");
            code = Violated;
        }
        Console.WriteLine(Summary(reports, seed));
        if (code == AllRight && Directory.Exists(Scratch.Root))
        {
            Directory.Delete(Scratch.Root, recursive: true);
        }
        return code;
    }

    private static async Task<int> NextAsync(
        MusterCluster cluster, int seed, List<EpisodeReport> reports, CancellationToken cancellationToken)
    {
        EpisodeReport report;
        string folder;
        await using (var episode = await Episode.StartAsync(cluster, seed))
        {
            report = await episode.RunAsync(EpisodeTime, onFault: null, cancellationToken);
            folder = episode.Folder;
        }
        reports.Add(report);
        Console.WriteLine($"episode {reports.Count}, seed {seed}: {report}");
        if (report is { Violations: [], IsDecided: true })
        {
            Directory.Delete(folder, recursive: true);
            return AllRight;
        }
        Console.WriteLine($"  kept: {folder}, and what all processes printed in {Scratch.Root}");
        return report.Violations.Count > 0 ? Violated : Undecided;
    }

    private static string Summary(List<EpisodeReport> reports, int seed)
    {
        var checks = reports.SelectMany(report => report.Checks).ToList();
        var faults = reports.SelectMany(report => report.Faults)
            .CountBy(fault => fault.Kind).OrderBy(fault => fault.Key)
            .Select(fault => $"{fault.Key} {fault.Value}");
        return string.Join('\n',
        [
            "",
            $"{reports.Count} episodes from seed {seed} on",
            Text($"  {reports.Sum(one => one.Operations):N0} operations, ")
                + Text($"{reports.Sum(one => one.Unknown):N0} of unknown outcome"),
            Text($"  {reports.Sum(one => one.Grants):N0} grants under growing tokens, ")
                + Text($"{reports.Sum(one => one.LostWhileHeld):N0} lost while held"),
            Text($"  {reports.Sum(one => one.Writes):N0} guarded writes acknowledged, ")
                + Text($"{reports.Sum(one => one.StaleWritesRefused):N0} stale ones refused"),
            Text($"  {reports.Sum(one => one.Faults.Count):N0} faults: {string.Join(", ", faults)}"),
            $"  checks: {Count(Testing.Verdict.Ok)} linearizable, {Count(Testing.Verdict.NotOk)} not, "
                + $"{Count(Testing.Verdict.Unknown)} undecided",
            $"  violations: {reports.Sum(one => one.Violations.Count)}",
        ]);

        int Count(Testing.Verdict verdict) => checks.Count(check => check.Verdict == verdict);

        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}

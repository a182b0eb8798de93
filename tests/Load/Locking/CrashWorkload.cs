using System.CommandLine;
using Muster.Cluster;
using Muster.Load.Reporting;
using Muster.Load.Stage;
using Muster.Load.Workloads;

namespace Muster.Load.Locking;

/// <summary>
/// From kill -9 of a process that holds a lock to the grant of who waits, with detectors in the cluster: how
/// soon a crash is more than a silence.
/// </summary>
internal sealed class CrashWorkload : IWorkload
{
    /// <summary>Of the median, with broker hints.</summary>
    private const int MostMilliseconds = 1_000;

    private readonly Option<int> _kills = Kills.NewOption("crash", 20);

    private readonly Option<double> _ttl = new("--ttl")
    {
        Description = "The holder's TTL in seconds, 1 to 3600.",
        DefaultValueFactory = _ => 15,
    };

    public CrashWorkload() => _ttl.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double>() is not (>= 1 and <= 3600))
        {
            result.AddError("--ttl takes 1 to 3600.");
        }
    });

    public string Name => "crash";

    public string Description =>
        "kill -9 of a process that holds a lock to the grant of who waits for it; repeated.";

    public IReadOnlyList<Option> Options => [_kills, _ttl];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public bool NeedsDetectors => true;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        var kills = context.Arguments.GetValue(_kills);
        var ttl = TimeSpan.FromSeconds(context.Arguments.GetValue(_ttl));
        var all = new List<Takeover>();
        await using var waiter = context.Cluster.NewClient("crashes");
        for (var kill = 0; kill < kills; kill++)
        {
            all.Add(await Kills.MeasureAsync(context, waiter, kill, ttl, killing: null, cancellationToken));
            context.Progress.Say(FormattableString.Invariant(
                $"crash {kill + 1} of {kills}: {all[^1].Time.TotalMilliseconds:F0} ms"));
        }
        var times = new FaultTimes(
            FormattableString.Invariant(
                $"kill -9 of a holder, TTL {ttl.TotalSeconds} s, to the waiter's grant, ")
            + (context.Broker.HasEventExchange ? "with broker hints" : "without broker hints"),
            [.. all.Select(takeover => takeover.Time.TotalMilliseconds)]);
        context.Report.Add(times);
        context.Report.Note(FormattableString.Invariant(
            $"crash: {ClusterPlan.Detectors.Length} detectors; from just before the SIGKILL. Without the ")
            + "detectors' verdict it is the TTL that ends the session.");
        if (context.Broker.HasEventExchange && times.Median >= MostMilliseconds)
        {
            throw new LoadException(FormattableString.Invariant(
                $"The median is {times.Median:F0} ms and not below {MostMilliseconds}."));
        }
    }
}

using System.CommandLine;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;

namespace Muster.Load.Workloads;

/// <summary>Committed entries of 256 bytes and read indexes, from one client process to the leader.</summary>
internal sealed class ProposalsWorkload : IWorkload
{
    private const int Warm = 64;
    private static readonly int[] DefaultOutstanding = [1, 64, 256, 1000];
    private static readonly int[] ReadsOutstanding = [1, 64];
    private static readonly int[] ReadsTogether = [64, 256];
    private static readonly double[] SharesOfMaximum = [0.5, 0.8];

    private readonly Option<int?> _outstanding = new("--outstanding")
    {
        Description = "Proposals outstanding at a time, 1 to 100000. Default: rows of 1, 64, 256 and 1000.",
    };

    public ProposalsWorkload() => _outstanding.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() is < 1 or > 100_000)
        {
            result.AddError("--outstanding takes 1 to 100000.");
        }
    });

    public string Name => "proposals";

    public string Description =>
        "Committed 256-byte proposals: so many outstanding, and at half and 80 % of the greatest rate; "
        + "read indexes.";

    public IReadOnlyList<Option> Options => [_outstanding];

    public bool StandsOnFloors => true;

    public bool NeedsOwnCluster => false;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        int[] counts = context.Arguments.GetValue(_outstanding) is { } one ? [one] : DefaultOutstanding;
        await context.Meter.WarmUpAsync(
            "proposals", NewClosed(context, Warm), context.Window / 2, cancellationToken);
        var greatest = 0.0;
        foreach (var outstanding in counts)
        {
            var measured = await ClosedAsync(context, outstanding, cancellationToken);
            greatest = Math.Max(greatest, measured.PerSecond);
        }
        if (greatest >= 1)
        {
            foreach (var share in SharesOfMaximum)
            {
                await OpenAsync(context, share, greatest, cancellationToken);
            }
        }
        foreach (var outstanding in ReadsOutstanding)
        {
            await ReadsAsync(
                context, "ReadIndex, a message each", IndexReads.Each(outstanding), outstanding,
                cancellationToken);
        }
        foreach (var outstanding in ReadsTogether)
        {
            await ReadsAsync(
                context, "ReadIndex, as a replica asks", IndexReads.Together(outstanding), outstanding,
                cancellationToken);
        }
        context.Report.Note(
            "proposals: 256-byte entries of one client process over one link to the leader's inbox, in at "
            + "most 4 unanswered messages of at most 256 entries; done = the leader's answer, after the "
            + "commit. Nothing is sent twice.");
        context.Report.Note(
            "proposals: each commit is synced by two of three nodes at least; when they are on this machine, "
            + "they share its disk and its processors.");
        context.Report.Note(
            "ReadIndex as a replica asks: one question in flight, for all that waited when it was sent; "
            + "what the replica then reads of its machine is not in it.");
        context.Report.Note(
            "proposals at a rate: each is timed from the millisecond that it was due in, also when the ones "
            + "before it are late (no coordinated omission).");
    }

    private static async Task<Measured> ClosedAsync(
        LoadContext context, int outstanding, CancellationToken cancellationToken)
    {
        var name = $"proposals, {outstanding} outstanding";
        var measured = await context.Meter.MeasureAsync(
            name, NewClosed(context, outstanding), context.Window, cancellationToken);
        context.Report.Add(new Row
        {
            Section = "proposals",
            Name = "closed loop",
            InFlight = outstanding,
            Measured = measured[0],
            Against = Comparison.For(outstanding),
        });
        return measured[0];
    }

    private static async Task OpenAsync(
        LoadContext context, double share, double greatest, CancellationToken cancellationToken)
    {
        var perSecond = Math.Floor(share * greatest);
        var name = FormattableString.Invariant($"open loop at {100 * share:F0} % of the greatest rate");
        var load = RequestLoad.Open(
            context.Cluster, context.View, new Proposals(context.Cluster.Links.Names), perSecond);
        var measured = await context.Meter.MeasureAsync(
            "proposals, " + name, load, context.Window, cancellationToken);
        context.Report.Add(new Row
        {
            Section = "proposals",
            Name = name,
            OfferedPerSecond = perSecond,
            Measured = measured[0],
            Against = Comparison.OneAtATime,
        });
    }

    private static async Task ReadsAsync(
        LoadContext context, string name, IndexReads kind, int outstanding,
        CancellationToken cancellationToken)
    {
        var load = RequestLoad.Closed(context.Cluster, context.View, kind, outstanding);
        var measured = await context.Meter.MeasureAsync(
            $"{name}, {outstanding} outstanding", load, context.Window, cancellationToken);
        context.Report.Add(new Row
        {
            Section = "proposals",
            Name = name,
            InFlight = outstanding,
            Measured = measured[0],
            Against = Comparison.For(outstanding),
        });
    }

    private static RequestLoad NewClosed(LoadContext context, int outstanding) => RequestLoad.Closed(
        context.Cluster, context.View, new Proposals(context.Cluster.Links.Names), outstanding);
}

using System.CommandLine;
using Muster.Load.Floors;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;

namespace Muster.Load.Workloads;

/// <summary>
/// Where the time of one proposal goes, by the differences between ways that share all but one part: each is
/// measured alone, one at a time, in turns, so that whatever disturbs disturbs them all.
/// </summary>
internal sealed class ProfileWorkload : IWorkload
{
    private const int Rounds = 5;
    private static readonly TimeSpan ShortestTurn = TimeSpan.FromSeconds(1);

    public string Name => "profile";

    public string Description => "Where the microseconds of one proposal go, hop by hop.";

    public IReadOnlyList<Option> Options => [];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => false;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        await using var broker = await BrokerRoundTrip.ConnectAsync(context.Broker.Uri, 1);
        await using var disk = await SyncedCommit.OpenAsync(context.Cluster.Folder);
        IReadOnlyList<(string Name, Func<ILoad> New)> ways =
        [
            ("round trip over the broker alone", () => ClosedLoop.Timed(1, broker.OnceAsync)),
            ("synced commit alone", () => ClosedLoop.Timed(1, disk.OnceAsync)),
            ("question that the leader answers itself", () => New(new Descriptions())),
            ("ReadIndex", () => New(IndexReads.Each(1))),
            ("proposal", () => New(new Proposals(context.Cluster.Links.Names))),
        ];
        var turn = context.Window / Rounds;
        if (turn < ShortestTurn) turn = ShortestTurn;
        var medians = ways.Select(_ => new List<double>()).ToList();
        for (var round = 0; round <= Rounds; round++)
        {
            for (var way = 0; way < ways.Count; way++)
            {
                var (name, load) = ways[way];
                var measured = await context.Meter.MeasureAsync(
                    $"profile, {name}", load(), turn, cancellationToken);
                // The first round is of code that is not compiled yet.
                if (round > 0 && measured[0].P50 is { } median) medians[way].Add(1000 * median);
            }
        }
        var times = medians.Select(Median).ToList();
        foreach (var line in Lines(times[0], times[1], times[2], times[3], times[4]))
        {
            context.Report.Note("profile: " + line);
        }

        RequestLoad New(IRequestKind kind) =>
            RequestLoad.Closed(context.Cluster, context.View, kind, 1);
    }

    private static IEnumerable<string> Lines(
        double roundTrip, double commit, double question, double read, double proposal)
    {
        yield return FormattableString.Invariant($"one proposal takes {proposal:F0} us in the median:");
        yield return Share(roundTrip, "from the client to the leader and back, broker and RabbitMQ.Client");
        yield return Share(question - roundTrip, "client's and leader's links, JSON, and the leader's loop");
        yield return Share(roundTrip, "from the leader to a follower and back, broker and RabbitMQ.Client");
        yield return Share(read - question - roundTrip, "the same once more on that way, at both ends");
        yield return Share(commit, "a synced commit, the leader's and the faster follower's at once");
        yield return Share(
            proposal - read - commit, "the commits beside each other, the entry, and the leader's next step");

        string Share(double microseconds, string what) => FormattableString.Invariant(
            $"{microseconds,6:F0} us {microseconds / proposal,4:P0} {what}");
    }

    private static double Median(List<double> values)
    {
        if (values.Count == 0) throw new LoadException("Nothing was answered: nothing to compare.");
        values.Sort();
        return values[values.Count / 2];
    }
}

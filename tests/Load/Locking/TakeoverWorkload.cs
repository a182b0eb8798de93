using System.CommandLine;
using Muster.Cluster;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Stage;
using Muster.Load.Workloads;

namespace Muster.Load.Locking;

/// <summary>
/// Holds takeovers against the bound that the grants themselves state, with the consensus leader and a lock
/// replica killed as well. There are no detectors, so that it is the TTL that ends a session.
/// </summary>
internal sealed class TakeoverWorkload : IWorkload
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Of the TTL: when the others are killed; the last is when the session is about to end.
    /// </summary>
    private static readonly double[] Moments = [0, 0.3, 0.6, 0.9];

    private readonly Option<int> _kills = Kills.NewOption("takeover", 100);

    private static readonly Victims[] Rounds =
        [Victims.None, Victims.Leader, Victims.None, Victims.Replica, Victims.Leader | Victims.Replica];

    [Flags]
    private enum Victims
    {
        None = 0,
        Leader = 1,
        Replica = 2,
    }

    public string Name => "takeover";

    public string Description =>
        "kill -9 of holders with a TTL of 1 s, alone and with the consensus leader and a lock replica: each "
        + "takeover within the bound that the grant stated.";

    public IReadOnlyList<Option> Options => [_kills];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        var kills = context.Arguments.GetValue(_kills);
        var all = new List<(Victims Victims, Takeover Takeover)>();
        await using var waiter = context.Cluster.NewClient("takeovers");
        for (var kill = 0; kill < kills; kill++)
        {
            var victims = Rounds[kill % Rounds.Length];
            var moment = Ttl * Moments[kill / Rounds.Length % Moments.Length];
            var takeover = await Kills.MeasureAsync(
                context, waiter, kill, Ttl, await KillingAsync(context, victims, moment, cancellationToken),
                cancellationToken);
            all.Add((victims, takeover));
            await BeWholeAsync(context, cancellationToken);
            context.Progress.Say(FormattableString.Invariant(
                $"takeover {kill + 1} of {kills}, {Describe(victims)}: {takeover.Time.TotalMilliseconds:F0} ")
                + FormattableString.Invariant(
                    $"of {takeover.Bound.TotalMilliseconds:F0} ms, {takeover.Share:P0}"));
        }
        Report(context, all);
    }

    private static void Report(LoadContext context, List<(Victims Victims, Takeover Takeover)> all)
    {
        foreach (var some in all.GroupBy(one => one.Victims).OrderBy(some => some.Key))
        {
            context.Report.Add(new FaultTimes(
                $"kill -9 of a holder, {Describe(some.Key)}, to the waiter's grant",
                [.. some.Select(one => one.Takeover.Time.TotalMilliseconds)]));
        }
        var longest = all.Select(one => one.Takeover).MaxBy(takeover => takeover.Share)!;
        context.Report.Note(FormattableString.Invariant(
            $"takeover: {all.Count} kills, the longest took {longest.Time.TotalMilliseconds:F0} of the ")
            + FormattableString.Invariant(
                $"{longest.Bound.TotalMilliseconds:F0} ms that its grant stated, {longest.Share:P0}."));
        if (longest.Time > longest.Bound)
        {
            throw new LoadException("A takeover took longer than the grant stated.");
        }
    }

    private static async Task<Func<Task>?> KillingAsync(
        LoadContext context, Victims victims, TimeSpan moment, CancellationToken cancellationToken)
    {
        List<LoadService> killed = [];
        if (victims.HasFlag(Victims.Leader))
        {
            var leader = await context.View.LeaderAsync(ClusterPlan.LockGroup, cancellationToken);
            killed.Add(context.Cluster.Service(leader.Node.Value));
        }
        if (victims.HasFlag(Victims.Replica))
        {
            killed.Add(context.Cluster.Service("lock-r1"));
        }
        return killed.Count == 0 ? null : async () =>
        {
            await Clock.Wait(moment, cancellationToken);
            killed.ForEach(service => service.Kill9());
        };
    }

    private static async Task BeWholeAsync(LoadContext context, CancellationToken cancellationToken)
    {
        foreach (var service in context.Cluster.Services.Where(service => service.ProcessId is null))
        {
            await service.GoneAsync();
            await service.StartAsync();
        }
        await Task.WhenAll(
            context.Cluster.Services.Select(service => service.ReadyAsync(LoadCluster.Patience)));
        await context.View.AllCaughtUpAsync(ClusterPlan.LockGroup, cancellationToken);
    }

    private static string Describe(Victims victims) => victims switch
    {
        Victims.None => "alone",
        Victims.Leader => "with the consensus leader",
        Victims.Replica => "with a lock replica",
        _ => "with the consensus leader and a lock replica",
    };
}

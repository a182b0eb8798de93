using System.CommandLine;
using Muster.Client;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;
using Muster.Load.Stage;

namespace Muster.Load.Workloads;

/// <summary>
/// From kill -9 of a group's leader to the next success that was begun after it, again and again, with all
/// nodes whole in between.
/// </summary>
internal sealed class FailoverWorkload : IWorkload
{
    private const int Rounds = 10;
    private const int RoundsOfGlance = 2;

    /// <summary>Shorter windows ask whether the tool works, not how fast Muster is.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(5);

    private readonly Option<int?> _rounds = new("--rounds")
    {
        Description = $"How often failover kills each group's leader, 1 to 1000. Default {Rounds}; "
            + $"{RoundsOfGlance} when --seconds is below {Glance.TotalSeconds}.",
    };

    public FailoverWorkload() => _rounds.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() is < 1 or > 1000)
        {
            result.AddError("--rounds takes 1 to 1000.");
        }
    });

    public string Name => "failover";

    public string Description =>
        "kill -9 of the leader to the next acknowledged proposal, and to the next lock cycle; repeated.";

    public IReadOnlyList<Option> Options => [_rounds];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Arguments.GetValue(_rounds)
            ?? (context.Window < Glance ? RoundsOfGlance : Rounds);
        var how = context.Broker.HasEventExchange
            ? "with broker hints"
            : "by time-out: the broker has no rabbitmq_event_exchange";
        var proposals = new List<double>();
        var cycles = new List<double>();
        for (var round = 1; round <= rounds; round++)
        {
            context.Progress.Show($"failover: round {round} of {rounds}");
            proposals.Add(await ToNextProposalAsync(context, cancellationToken));
            cycles.Add(await ToNextCycleAsync(context, round, cancellationToken));
            var times = FormattableString.Invariant(
                $"proposal {proposals[^1]:F0} ms, lock cycle {cycles[^1]:F0} ms");
            context.Progress.Say($"failover {round} of {rounds}: {times}");
        }
        context.Report.Add(new FaultTimes($"kill -9 to the next acknowledged proposal, {how}", proposals));
        context.Report.Add(new FaultTimes($"kill -9 to the next lock cycle, {how}", cycles));
        context.Report.Note(
            "failover: from just before the SIGKILL. The proposal is of a client that proposes each "
            + "millisecond, going round the nodes; the lock cycle is of a client with an open session that "
            + "asks once, after the kill.");
        context.Report.Note(
            "failover: a kill on one machine closes the process's connections at once. This says nothing of "
            + "a lost host or a cut cable, which time-outs find.");
    }

    private static async Task<double> ToNextProposalAsync(
        LoadContext context, CancellationToken cancellationToken)
    {
        var leader = await context.View.LeaderAsync(ClusterPlan.LoadGroup, cancellationToken);
        var service = context.Cluster.Service(leader.Node.Value);
        double time;
        await using (var probe = await ProposalProbe.StartAsync(context.Cluster, leader, cancellationToken))
        {
            var killedAt = Clock.Now;
            service.Kill9();
            probe.LoseLeader();
            var acknowledgedAt = await probe.NextAsync(killedAt, cancellationToken);
            time = Clock.Nanoseconds(killedAt, acknowledgedAt) / 1e6;
        }
        await BeWholeAsync(context, service, cancellationToken);
        return time;
    }

    private static async Task<double> ToNextCycleAsync(
        LoadContext context, int round, CancellationToken cancellationToken)
    {
        var leader = await context.View.LeaderAsync(ClusterPlan.LockGroup, cancellationToken);
        var service = context.Cluster.Service(leader.Node.Value);
        await using var client = context.Cluster.NewClient("failover");
        await CycleAsync(client, "failover/before", cancellationToken);
        var killedAt = Clock.Now;
        service.Kill9();
        await CycleAsync(client, $"failover/{round}", cancellationToken);
        var time = Clock.Nanoseconds(killedAt, Clock.Now) / 1e6;
        await BeWholeAsync(context, service, cancellationToken);
        return time;
    }

    private static async Task CycleAsync(
        MusterClient client, string name, CancellationToken cancellationToken)
    {
        try
        {
            var handle = await client.Locks.AcquireAsync(name, LoadCluster.Patience, cancellationToken);
            await handle.DisposeAsync();
        }
        catch (Exception failure) when (failure is MusterUnknownException or MusterRefusedException
            or TimeoutException)
        {
            throw new LoadException($"No lock cycle on {name}: {failure.Message}", failure);
        }
    }

    private static async Task BeWholeAsync(
        LoadContext context, LoadService killed, CancellationToken cancellationToken)
    {
        await killed.GoneAsync();
        await killed.StartAsync();
        await Task.WhenAll(
            context.Cluster.Services.Select(service => service.ReadyAsync(LoadCluster.Patience)));
        await context.View.AllCaughtUpAsync(ClusterPlan.LoadGroup, cancellationToken);
        await context.View.AllCaughtUpAsync(ClusterPlan.LockGroup, cancellationToken);
    }
}

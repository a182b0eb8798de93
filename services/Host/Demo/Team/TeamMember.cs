using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Recovery;

namespace Muster.Host.Demo.Team;

/// <summary>
/// A worker among others: registers, finds its colleagues, stands for election, takes its place as the leader
/// or as a hot standby, and works on what the leader hands out.
/// </summary>
public sealed class TeamMember(
    WorkerArguments arguments, WorkFolder folder, Ledger ledger, IMuster muster,
    Func<WorkerReport, Task> report, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CampaignWait = TimeSpan.FromSeconds(10);

    private readonly TeamNames _team = new(arguments.Run);
    private readonly Assignment _assignment = new(arguments.Name, new TeamNames(arguments.Run));
    private readonly TaskCompletionSource<IStandby> _place =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ILeadership? _leadership;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await report(new WorkerReport(arguments.Name, WorkerAct.Started, "", FencingToken.None));
        await using var registration = await Patience.UntilKnownAsync(
            () => muster.Services.RegisterAsync(Registration(), cancellationToken), time, cancellationToken);
        var watching = WatchAsync(stop.Token);
        await MeetAsync(cancellationToken);
        await using var place = await TakePlaceAsync(cancellationToken);
        _place.TrySetResult(place);
        try
        {
            var worker = new Worker(
                arguments, folder, ledger, muster.Locks, _assignment, report, time);
            // Whose leading broke off unheard would keep its followers waiting for work.
            await await Task.WhenAny(worker.RunAsync(cancellationToken), _broken.Task);
        }
        finally
        {
            await stop.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (_leadership is not null)
        {
            await _leadership.DisposeAsync();
        }
    }

    private ServiceRegistration Registration() => new()
    {
        Service = _team.Service,
        InstanceId = arguments.Name,
        Host = Environment.MachineName,
        Ttl = Stages.DemoClients.SessionTtl,
    };

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in muster.Config.WatchAsync(_team.Config, cancellationToken))
        {
            if (_assignment.Take(change))
            {
                await report(new WorkerReport(
                    arguments.Name, WorkerAct.Paced, $"{_assignment.Rate.TotalMilliseconds} ms",
                    FencingToken.None));
            }
        }
    }

    /// <summary>Returns when the registry shows the whole team.</summary>
    private async Task MeetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var team = await Patience.UntilKnownAsync(
                () => muster.Services.ResolveAsync(
                    _team.Service, new ResolveOptions { MaxAge = Look }, cancellationToken).AsTask(),
                time, cancellationToken);
            if (team.Instances.Count >= arguments.TeamSize)
            {
                await report(new WorkerReport(
                    arguments.Name, WorkerAct.Met, $"{team.Instances.Count} workers", FencingToken.None));
                return;
            }
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    /// <summary>
    /// The one who wins the election is the group's first member and so its primary; the others join behind.
    /// </summary>
    private async Task<IStandby> TakePlaceAsync(CancellationToken cancellationToken)
    {
        while (!_assignment.HasLeader && !await TryCampaignAsync(TimeSpan.Zero, cancellationToken))
        {
            await _assignment.WaitAsync(Look, time, cancellationToken);
        }
        var place = await Patience.UntilKnownAsync(
            () => muster.Standbys.JoinAsync(
                new StandbyOptions
                {
                    Group = _team.Standbys,
                    Member = arguments.Name,
                    Policy = new StandbyPolicy { Lock = _team.ElectionLock },
                    OnPromoted = LeadAsync,
                },
                cancellationToken),
            time, cancellationToken);
        if (_leadership is not null && !_assignment.HasLeader)
        {
            await Patience.UntilKnownAsync(
                () => muster.Config.PutAsync(_team.LeaderKey, arguments.Name, null, cancellationToken),
                time, cancellationToken);
        }
        return place;
    }

    private async Task<bool> TryCampaignAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            _leadership = await muster.Elections.CampaignAsync(
                _team.Election, arguments.Name, wait, cancellationToken);
            await report(new WorkerReport(
                arguments.Name, WorkerAct.Leads, "", _leadership.FencingToken));
            return true;
        }
        catch (Exception notNow) when (notNow is TimeoutException or MusterUnknownException)
        {
            return false; // somebody else leads, or nobody can say
        }
    }

    /// <summary>
    /// The primary is the one who may lead: the recovery has broken its predecessor's leadership. The leading
    /// goes on in the background, because returning confirms the promotion.
    /// </summary>
    private async Task LeadAsync(StandbyPromotion promotion, CancellationToken deposed)
    {
        while (_leadership is null or { IsLost: true })
        {
            deposed.ThrowIfCancellationRequested();
            await TryCampaignAsync(CampaignWait, deposed);
        }
        _ = LeadOnAsync(promotion.State, deposed);
    }

    private async Task LeadOnAsync(byte[] state, CancellationToken deposed)
    {
        try
        {
            var place = await _place.Task.WaitAsync(deposed);
            await new Coordinator(_team, folder, ledger, muster, time).LeadAsync(place, state, deposed);
        }
        catch (OperationCanceledException) when (deposed.IsCancellationRequested)
        {
            await report(new WorkerReport(arguments.Name, WorkerAct.Deposed, "", FencingToken.None));
        }
        catch (MusterRefusedException refused) when (refused.Reason is RecoveryRefusal.NotPrimary)
        {
            await report(new WorkerReport(arguments.Name, WorkerAct.Deposed, "", FencingToken.None));
        }
        catch (Exception broken)
        {
            _broken.TrySetException(broken);
        }
    }
}

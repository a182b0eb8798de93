using Muster.Client;
using Muster.Contracts.Recovery;

namespace Muster.Host.Demo.Team;

/// <summary>
/// The leader's work: deals the undone items out to the workers that are registered, again whenever those
/// change. The plan is written as the group's state first and handed out after, so whoever is promoted has
/// the newest plan.
/// </summary>
public sealed class Coordinator(
    TeamNames team, WorkFolder folder, Ledger ledger, IMuster muster, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly ResolveOptions Fresh = new() { MaxAge = TimeSpan.FromMilliseconds(200) };

    /// <summary>Leads until all is done or it is deposed.</summary>
    public async Task LeadAsync(IStandby place, byte[] state, CancellationToken cancellationToken)
    {
        var plan = state.Length > 0 ? WorkPlan.Read(state) : new WorkPlan();
        var isHandedOut = false; // a predecessor may have ended between the writing and the handing out
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var undone = folder.Items.Where(item => !ledger.IsDone(item)).ToList();
                if (undone.Count == 0)
                {
                    return;
                }
                var resolved = await muster.Services.ResolveAsync(team.Service, Fresh, cancellationToken);
                var workers = resolved.Instances.Select(instance => instance.InstanceId).ToList();
                if (workers.Count > 0 && !plan.IsFor(workers))
                {
                    var next = WorkPlan.Deal(undone, workers);
                    await place.UpdateStateAsync(next.Write(), cancellationToken);
                    plan = next;
                    isHandedOut = false;
                }
                if (!isHandedOut)
                {
                    await HandOutAsync(plan, cancellationToken);
                    isHandedOut = true; // only now: an attempt that broke off is made again
                }
            }
            catch (MusterUnknownException)
            {
                // The next look makes the same attempt; writing a plan twice changes nothing.
            }
            catch (MusterRefusedException refused) when (refused.Reason is RecoveryRefusal.VersionMismatch)
            {
                // The attempt before this one was unknown, and had been done after all.
                await place.RecoverStateAsync(cancellationToken);
            }
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    private async Task HandOutAsync(WorkPlan plan, CancellationToken cancellationToken)
    {
        foreach (var (worker, items) in plan.Items)
        {
            await muster.Config.PutAsync(
                team.WorkKey(worker), string.Join('\n', items), null, cancellationToken);
        }
    }
}

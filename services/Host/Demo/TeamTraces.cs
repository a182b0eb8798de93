using Muster.Client;
using Muster.Contracts.Recovery;
using Muster.Host.Demo.Team;

namespace Muster.Host.Demo;

/// <summary>What a run leaves for ever in its cluster, another's when the demo is attached.</summary>
public static class TeamTraces
{
    /// <summary>Removes the run's standby group and configuration; its workers have ended.</summary>
    public static async Task RemoveAsync(IMuster muster, TeamNames team, CancellationToken cancellationToken)
    {
        try
        {
            // A member that was killed may still count as healthy.
            await muster.Standbys.RemoveGroupAsync(team.Standbys, force: true, cancellationToken);
        }
        catch (MusterRefusedException refused) when (refused.Reason is RecoveryRefusal.GroupUnknown)
        {
            // It came to none.
        }
        foreach (var entry in await muster.Config.ListAsync(team.Config, cancellationToken))
        {
            await muster.Config.DeleteAsync(entry.Key, cancellationToken: cancellationToken);
        }
    }
}

using Muster.Contracts.Detector;

namespace Muster.Client;

/// <summary>
/// Compares what a heartbeat's answer says the service holds for the session with what this process believes,
/// so that no lost message stays unnoticed. Used under the client's gate.
/// </summary>
internal sealed class Reconciliation(
    AcquireTable acquires, HeldTable held, GrantReturns returns, LockCalls calls)
{
    public void OnRenewed(Session session, SessionRenewal renewal, long number)
    {
        foreach (var grant in renewal.Grants)
        {
            if (session.Pending.TryGetValue(grant.AcquireId, out var pending))
            {
                acquires.Grant(pending, grant.FencingToken);
            }
            else if (session.Held.TryGetValue(grant.AcquireId, out var hold))
            {
                CompareUpgrade(session, hold, grant, number);
            }
            else if (!IsCancelling(session, grant.AcquireId))
            {
                session.GivenUp.Remove(grant.AcquireId);
                returns.Return(session, grant.Name, grant.AcquireId, grant.FencingToken);
            }
        }
        held.LoseMissing(session, renewal.Grants, number);
        var waits = renewal.Waits.ToHashSet(StringComparer.Ordinal);
        CancelUnwanted(session, waits);
        AskForMissing(session, waits, number);
    }

    /// <summary>
    /// The hold may have become exclusive without a word here: for an upgrade that waits, or for one that was
    /// given up. One that is exclusive here and not there is lost: others may share it.
    /// </summary>
    private void CompareUpgrade(Session session, Acquire hold, HeldLock grant, long number)
    {
        if (hold.Upgrade is { } known && known.KnownSince < number && grant.UpgradeId != known.Id)
        {
            held.LoseTaken(session, hold.Id);
            return;
        }
        if (grant.UpgradeId is { } upgradeId && upgradeId != hold.Upgrade?.Id)
        {
            if (session.Pending.TryGetValue(upgradeId, out var upgrade))
            {
                acquires.Grant(upgrade, grant.FencingToken);
            }
            else if (!IsCancelling(session, upgradeId))
            {
                returns.Cancel(session, upgradeId);
            }
        }
        hold.Raise(grant.FencingToken);
    }

    /// <summary>Its grant overtook this answer, which is of a heartbeat from before.</summary>
    private static bool IsGrantedUpgrade(Session session, string acquireId) =>
        session.Held.Values.Any(hold => hold.Upgrade?.Id == acquireId);

    private static bool IsCancelling(Session session, string acquireId) =>
        session.GivenUp.GetValueOrDefault(acquireId) is not null;

    /// <summary>
    /// A wait that is nobody's here, since its cancel was refused or one copy of its command was, would get
    /// the lock for nobody. What was given up and neither waits nor is granted has ended; if its command
    /// is still on its way, a later answer lists it.
    /// </summary>
    private void CancelUnwanted(Session session, HashSet<string> waits)
    {
        foreach (var acquireId in session.GivenUp.Keys.ToArray())
        {
            if (!IsCancelling(session, acquireId) && !waits.Contains(acquireId))
            {
                session.GivenUp.Remove(acquireId);
                session.TookBack(acquireId);
            }
        }
        foreach (var acquireId in waits)
        {
            if (!session.Pending.ContainsKey(acquireId) && !session.Held.ContainsKey(acquireId)
                && !session.Returning.Contains(acquireId) && !IsCancelling(session, acquireId)
                && !IsGrantedUpgrade(session, acquireId))
            {
                returns.Cancel(session, acquireId);
            }
        }
    }

    /// <summary>
    /// A queued acquire that neither waits nor is granted has ended, and its answer was lost: asked again
    /// under its id, the service tells how.
    /// </summary>
    private void AskForMissing(Session session, HashSet<string> waits, long number)
    {
        foreach (var acquire in session.Pending.Values)
        {
            if (acquire.Stage == AcquireStage.Queued && acquire.KnownSince < number
                && !waits.Contains(acquire.Id))
            {
                acquire.Stage = AcquireStage.Sent;
                calls.Wake(acquire.Call!);
            }
        }
    }
}

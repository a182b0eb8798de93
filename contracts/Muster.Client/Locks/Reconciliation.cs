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
            else if (!session.Held.ContainsKey(grant.AcquireId)
                && session.GivenUp.GetValueOrDefault(grant.AcquireId) is null) // no cancel is under way
            {
                session.GivenUp.Remove(grant.AcquireId);
                returns.Return(session, grant.Name, grant.AcquireId, grant.FencingToken);
            }
        }
        held.LoseMissing(session, renewal.Grants, number);
        AskForMissing(session, renewal.Waits.ToHashSet(StringComparer.Ordinal), number);
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

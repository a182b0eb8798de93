using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Detector;

namespace Muster.Client;

/// <summary>
/// The granted acquires, from the grant to the release or the loss. Used under the client's gate.
/// </summary>
internal sealed class HeldTable(MusterOptions options, GrantReturns returns, ILogger logger)
{
    /// <summary>An upgrade's grant is its hold's, under the new token.</summary>
    public static void Hold(Acquire acquire, FencingToken token)
    {
        acquire.Token = token;
        if (acquire.Claim.Upgrades is { } hold)
        {
            hold.Upgrade = acquire;
            hold.Raise(token);
            acquire.Stage = AcquireStage.Ended;
            acquire.End(AcquireEnd.Granted);
            return;
        }
        acquire.Stage = AcquireStage.Held;
        acquire.Session!.Held.Add(acquire.Id, acquire);
        acquire.End(AcquireEnd.Granted);
    }

    /// <summary>
    /// The holder gives the lock back; <see cref="Acquire.Released"/> tells when the service has answered.
    /// </summary>
    public void Release(Acquire acquire)
    {
        if (acquire.Stage == AcquireStage.Held)
        {
            acquire.Stage = AcquireStage.Releasing;
            acquire.Call = returns.Release(acquire);
        }
        else if (acquire.Stage == AcquireStage.Lost)
        {
            // The service may not have noticed yet, and others wait.
            returns.Return(acquire.Session!, acquire.Name, acquire.Id, acquire.Token);
            acquire.Released.TrySetResult();
        }
    }

    /// <summary>
    /// A lock that the answer to a heartbeat does not list, though it was granted before that heartbeat was
    /// sent, is gone.
    /// </summary>
    public void LoseMissing(Session session, IReadOnlyList<HeldLock> grants, long number)
    {
        var listed = grants.Select(grant => grant.AcquireId).ToHashSet(StringComparer.Ordinal);
        var missing = session.Held.Values.Where(acquire => acquire.Stage == AcquireStage.Held
            && acquire.KnownSince < number && !listed.Contains(acquire.Id)).ToArray();
        foreach (var acquire in missing)
        {
            LoseTaken(session, acquire.Id);
        }
    }

    /// <summary>The service says that it has taken the lock from its holder.</summary>
    public void LoseTaken(Session session, string acquireId)
    {
        if (session.Held.TryGetValue(acquireId, out var acquire) && acquire.Stage == AcquireStage.Held)
        {
            session.Held.Remove(acquireId);
            logger.LockMissing(acquire.Name, acquire.Id);
            Lose(acquire);
        }
    }

    public void OnSessionLost(Session session)
    {
        foreach (var acquire in session.Held.Values)
        {
            if (acquire.Stage == AcquireStage.Held)
            {
                Lose(acquire);
                continue;
            }
            // Being given back, which goes on: its holder has nothing to wait for.
            acquire.Stage = AcquireStage.Ended;
            acquire.Released.TrySetResult();
        }
        session.Held.Clear();
    }

    private void Lose(Acquire acquire)
    {
        acquire.Stage = AcquireStage.Lost;
        if (!acquire.Session!.IsGivenUp)
        {
            ClientTelemetry.LocksLost.Add(1, ClientTelemetry.ClusterOf(options));
        }
        acquire.Lost.CancelInBackground(logger);
    }
}

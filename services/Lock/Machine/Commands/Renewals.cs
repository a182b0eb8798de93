using Muster.Contracts.Detector;

namespace Muster.Lock.Machine;

/// <summary>
/// Heartbeats: they move deadlines forward and tell each session what it holds, so that a lost grant is
/// noticed.
/// </summary>
internal static class Renewals
{
    public static void Renew(Step step, Heartbeat heartbeat)
    {
        // Each once: an answer lists all that a session holds.
        var sessions = heartbeat.Sessions.Distinct(StringComparer.Ordinal)
            .Take(step.Limits.MaxSessionsPerHeartbeat);
        step.Answer(heartbeat.ReplyTo, new HeartbeatAnswered
        {
            Group = step.State.Genesis?.Group ?? "",
            Node = heartbeat.Node,
            Incarnation = heartbeat.Incarnation,
            Number = heartbeat.Number,
            Sessions = [.. sessions.Select(id => Renew(step, id))],
            Freshness = step.State.Freshness,
        });
    }

    private static SessionRenewal Renew(Step step, string sessionId)
    {
        if (step.State.Sessions.Find(sessionId) is not { } session)
        {
            return new() { SessionId = sessionId, Status = RenewalStatus.Unknown };
        }
        step.State.Sessions.Renew(session, step.Now);
        var acquires = session.Acquires.Values;
        return new()
        {
            SessionId = sessionId,
            Status = RenewalStatus.Renewed,
            Grants =
            [
                .. acquires.Where(acquire => acquire is { IsHeld: true, Upgrades: null })
                    .Select(held => new HeldLock
                    {
                        Name = held.Claim.Name,
                        AcquireId = held.Id,
                        UpgradeId = held.Upgrade is { IsHeld: true } upgrade ? upgrade.Id : null,
                        FencingToken = held.Token,
                    }),
            ],
            Waits = [.. acquires.Where(acquire => !acquire.IsHeld).Select(waiter => waiter.Id)],
        };
    }
}

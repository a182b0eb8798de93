using Microsoft.Extensions.Logging;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// What the client has with one lock group: a session there, and all that hangs on it. Used under the
/// client's gate.
/// </summary>
internal sealed class LockShard
{
    public LockShard(
        int number, int groups, MusterOptions options, LeaseClock clock, LockCalls calls,
        Timetable timetable, HeartbeatLog heartbeats, ILogger logger)
    {
        Sessions = new SessionKeeper(options, clock, calls, timetable, heartbeats, logger)
        {
            NewSessionId = () => LockGroups.SessionIdOf(number, groups, calls.NewId()),
        };
        Returns = new GrantReturns(calls, Sessions, logger);
        Held = new HeldTable(options, Returns, logger);
        Acquires = new AcquireTable(options, clock, calls, timetable, Sessions, Held, Returns, logger);
        Sessions.Renewed += new Reconciliation(Acquires, Held, Returns, calls).OnRenewed;
    }

    public SessionKeeper Sessions { get; }

    public GrantReturns Returns { get; }

    public HeldTable Held { get; }

    public AcquireTable Acquires { get; }
}

using Muster.Contracts.Lock;
using Muster.Lock.Machine;

namespace Muster.Simulator;

/// <summary>
/// Which sessions live, and by whose word they end: by their TTL when nobody counts on them any more, on a
/// crash when they name the node and the incarnation of a verdict that the log has not had before.
/// </summary>
internal sealed class LockSessions(Simulation world, LockAsked asked)
{
    private readonly SortedSet<string> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly HashSet<(long Epoch, long Number)> _verdicts = [];
    private readonly Dictionary<string, long> _crashed = new(StringComparer.Ordinal);
    private List<NodeCrash> _new = [];

    public int Expiries { get; private set; }

    /// <summary>Sessions that a verdict ended.</summary>
    public int Crashes => _crashed.Count;

    /// <summary>Of these, those whose process lived on and counted on them.</summary>
    public int FalseCrashes { get; private set; }

    public bool IsOpen(string sessionId) => _open.Contains(sessionId);

    public bool HasEnded(string sessionId) => _ended.Contains(sessionId);

    /// <summary>When a verdict ended it; null: none did.</summary>
    public long? CrashedAt(string sessionId) =>
        _crashed.TryGetValue(sessionId, out var at) ? at : null;

    /// <summary>The verdicts that an entry takes, without copies of earlier ones.</summary>
    public void OnEntry(IReadOnlyList<LockEffect> effects) => _new =
    [
        .. effects.OfType<LockEffect.CrashTaken>().Select(taken => taken.Crash)
            .Where(crash => _verdicts.Add((crash.Epoch, crash.Number))),
    ];

    public void OnOpened(SessionOpened opened)
    {
        if (!_ended.Contains(opened.SessionId))
        {
            _open.Add(opened.SessionId);
        }
    }

    public void OnClosed(string sessionId) => End(sessionId);

    public void OnExpired(SessionExpired expired)
    {
        var id = expired.SessionId;
        var counting = world.Clients.FirstOrDefault(client => client.CountsOn(id));
        if (expired.Cause == "SessionCrashed")
        {
            var named = asked.Sessions[id];
            var isMeant = named.Node.Length > 0 && _new.Exists(
                crash => (crash.Node, crash.Incarnation) == (named.Node, named.Incarnation));
            Require(isMeant, "crash release",
                $"the session {id} of {named.Node} {named.Incarnation} is released, "
                + "and no new verdict is about it");
            _crashed[id] = world.Scheduler.Now;
            FalseCrashes += counting is null ? 0 : 1;
        }
        else
        {
            Expiries++;
            Require(counting is null, "no early expiry",
                $"the session {id} expires while {counting?.Name} counts on it");
        }
        End(id);
    }

    /// <summary>What the verdict is about has ended with it.</summary>
    public void OnCrashTaken(NodeCrash crash)
    {
        if (_new.Remove(crash)) // not of its copies
        {
            var left = _open.FirstOrDefault(id =>
                (asked.Sessions[id].Node, asked.Sessions[id].Incarnation) == (crash.Node, crash.Incarnation));
            Require(left is null, "crash release",
                $"the session {left} outlives the verdict on {crash.Node} {crash.Incarnation}");
        }
    }

    private void End(string sessionId)
    {
        _open.Remove(sessionId);
        _ended.Add(sessionId);
    }

    private static void Require(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure(property, what);
        }
    }
}

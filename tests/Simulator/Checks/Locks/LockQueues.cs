using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>
/// Who waits for which name, in the order of the log: nobody is granted before who came first, an upgrade
/// goes before all, and who is first and could hold does not wait on.
/// </summary>
internal sealed class LockQueues(LockAsked asked, LockHolds holds)
{
    private const long LongestStep = 2_000;

    private readonly SortedDictionary<string, List<string>> _waiting = new(StringComparer.Ordinal);

    /// <summary>By the name of their holds, of which one at most may become exclusive.</summary>
    private readonly SortedDictionary<string, string> _upgrades = new(StringComparer.Ordinal);

    /// <summary>When a name that was lost with its session may be granted again, by this clock.</summary>
    private readonly Dictionary<string, long> _delays = new(StringComparer.Ordinal);

    private long _now;
    private long _lastLogTime;

    /// <summary>
    /// An entry: time moves on with the log's, by 2 s at most, so that an outage ends no delay.
    /// </summary>
    public void Advance(long logTime)
    {
        if (logTime <= _lastLogTime) return;
        _now += Math.Min(logTime - _lastLogTime, LongestStep);
        _lastLogTime = logTime;
    }

    public void Enter(LockQueued queued)
    {
        if (asked.Upgrades.ContainsKey(queued.CommandId))
        {
            _upgrades[queued.Name] = queued.CommandId;
            return;
        }
        foreach (var name in queued.Names ?? [queued.Name])
        {
            _waiting.TryAdd(name, []);
            _waiting[name].Add(queued.CommandId);
        }
    }

    /// <summary>Granted, refused, cancelled, or gone with its session.</summary>
    public void Leave(string commandId)
    {
        foreach (var waiting in _waiting.Values)
        {
            waiting.Remove(commandId);
        }
        foreach (var (name, _) in _upgrades.Where(one => one.Value == commandId).ToList())
        {
            _upgrades.Remove(name);
        }
    }

    /// <summary>The acquires and upgrades of a session that wait.</summary>
    public IReadOnlySet<string> OfSession(string sessionId) =>
        _waiting.Values.SelectMany(waiting => waiting)
            .Where(id => asked.Acquires[id].SessionId == sessionId)
            .Concat(_upgrades.Values.Where(id => asked.Upgrades[id].SessionId == sessionId))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Nobody gets the name for so long: its holder's session ended.</summary>
    public void Delay(string name, long milliseconds) =>
        _delays[name] = Math.Max(_now + milliseconds, _delays.GetValueOrDefault(name));

    /// <summary>What a grant overtakes; null: nothing.</summary>
    /// <param name="granted">The grant.</param>
    /// <param name="leaving">Who waits no more after this entry, in whatever order it does that.</param>
    public string? Overtaken(LockGranted granted, IReadOnlySet<string> leaving)
    {
        foreach (var name in granted.Names ?? [granted.Name])
        {
            if (IsDelayed(name))
            {
                return $"the lock delay of {name}, {_delays[name] - _now} ms of which are left";
            }
            if (granted.AcquireId is not null)
            {
                continue;
            }
            var first = _waiting.GetValueOrDefault(name)?.Find(
                id => id == granted.CommandId || !leaving.Contains(id));
            if (first is not null && first != granted.CommandId)
            {
                return $"{first}, which waited for {name} before";
            }
            if (granted.Mode == LockMode.Shared && _upgrades.TryGetValue(name, out var upgrade)
                && !leaving.Contains(upgrade))
            {
                return $"the upgrade {upgrade}, which waits to hold {name} alone";
            }
        }
        return null;
    }

    /// <summary>Somebody who waits though he could hold; null: nobody does.</summary>
    public string? FirstForgotten()
    {
        foreach (var (name, upgrade) in _upgrades)
        {
            if (holds.Of(name).Count <= 1 && !IsDelayed(name))
            {
                return upgrade;
            }
        }
        return _waiting.Values.Select(waiting => waiting.FirstOrDefault())
            .FirstOrDefault(first => first is not null && CanHold(asked.Acquires[first]));
    }

    private bool IsDelayed(string name) => _delays.GetValueOrDefault(name) > _now;

    private bool CanHold(AcquireLock acquire) => LockAsked.NamesOf(acquire).All(name =>
        _waiting[name][0] == acquire.CommandId
        && !IsDelayed(name)
        && !(acquire.Mode == LockMode.Shared && _upgrades.ContainsKey(name))
        && LockHold.Conflict(holds.Of(name), acquire.Mode, acquire.Permits, acquire.MaxPermits) is null);
}

using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// A second, much simpler lock table, fed by the events of the log: one holder a name, tokens that only grow,
/// each command once, and nobody loses a session that he still counts on.
/// </summary>
internal sealed class LockChecks(Simulation world)
{
    private readonly Dictionary<string, List<Holding>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LockGranted> _grants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _queued = new(StringComparer.Ordinal);
    private readonly HashSet<string> _released = new(StringComparer.Ordinal);
    private readonly HashSet<string> _over = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);

    /// <summary>The newest token that was given.</summary>
    public FencingToken NewestToken { get; private set; }

    public int Grants => _grants.Count;

    public int Expiries { get; private set; }

    public int Cancels { get; private set; }

    public bool WasReleased(string acquireId) => _released.Contains(acquireId);

    public LockGranted? GrantOf(string acquireId) => _grants.GetValueOrDefault(acquireId);

    public void OnApplied(AppliedEntry entry, IReadOnlyList<LockEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case LockEffect.Delivery { Item.Event: { } one }:
                    OnEvent(entry.Index, one);
                    break;
                case LockEffect.Delivery { Item.Reply.LockRefused: { } refused }:
                    OnRefused(refused);
                    break;
                case LockEffect.Answer { Reply: var reply }:
                    OnAnswer(reply);
                    break;
            }
        }
    }

    /// <summary>Who held a name after the entry of this index; null when nobody did.</summary>
    public LockGranted? HolderAt(string name, LogIndex index)
    {
        if (!_names.TryGetValue(name, out var holdings))
        {
            return null;
        }
        for (var place = holdings.Count - 1; place >= 0; place--)
        {
            if (holdings[place].From <= index)
            {
                return holdings[place].Grant;
            }
        }
        return null;
    }

    private void OnEvent(LogIndex index, LockEvent one)
    {
        switch (one)
        {
            case { LockGranted: { } granted }:
                OnGranted(index, granted);
                break;
            case { LockQueued: { } queued }:
                Require(_queued.Add(queued.CommandId), "exactly once", $"{queued.CommandId} is queued twice");
                break;
            case { LockReleased: { } released }:
                OnVacated(index, released.Name, released.AcquireId, released.FencingToken);
                _released.Add(released.AcquireId);
                break;
            case { LockLost: { } lost }:
                OnVacated(index, lost.Name, lost.AcquireId, lost.FencingToken);
                if (lost.Cause == "Broken") _broken.Add(lost.AcquireId);
                break;
            case { SessionExpired: { } expired }:
                OnExpired(expired.SessionId);
                break;
        }
    }

    private void OnGranted(LogIndex index, LockGranted granted)
    {
        var (id, name) = (granted.CommandId, granted.Name);
        Require(HolderOf(name) is null, "one holder", $"{name} is granted to {id} while it is held");
        Require(granted.FencingToken > NewestToken, "one holder",
            $"the token {granted.FencingToken} of {id} is not above {NewestToken}");
        Require(_grants.TryAdd(id, granted), "exactly once", $"{id} is granted twice");
        Require(!_over.Contains(id), "exactly once", $"{id} is granted after it was refused or cancelled");
        Require(!_ended.Contains(granted.SessionId), "one holder",
            $"{id} is granted to the session {granted.SessionId}, which has ended");
        NewestToken = granted.FencingToken;
        Holdings(name).Add(new(index, granted));
        foreach (var client in world.Clients)
        {
            // Of one that was broken its holder hears later, and only the token stands.
            Require(!client.CountsOnAnother(name, id, _broken), "one holder",
                $"{name} is granted to {id} while {client.Name} counts on holding it");
        }
    }

    private void OnVacated(LogIndex index, string name, string acquireId, FencingToken token)
    {
        var holder = HolderOf(name);
        Require(holder?.CommandId == acquireId && holder.FencingToken == token, "one holder",
            $"{name} is taken from {acquireId} and held by {holder?.CommandId ?? "nobody"}");
        Holdings(name).Add(new(index, null));
    }

    private void OnExpired(string sessionId)
    {
        Expiries++;
        _ended.Add(sessionId);
        foreach (var client in world.Clients)
        {
            Require(!client.CountsOn(sessionId), "no early expiry",
                $"the session {sessionId} expires while {client.Name} counts on it");
        }
    }

    private void OnAnswer(LockReply reply)
    {
        if (reply.AcquireCancelled is { } cancelled)
        {
            Cancels++;
            _over.Add(cancelled.AcquireId);
        }
        else if (reply.SessionClosed is { } closed)
        {
            _ended.Add(closed.SessionId);
        }
        else if (reply.LockRefused is { } refused)
        {
            OnRefused(refused);
        }
    }

    // What is refused without being remembered may be done when it comes again.
    private void OnRefused(LockRefused refused)
    {
        if (refused.Reason is not (LockRefusal.NotReady or LockRefusal.Overloaded))
        {
            _over.Add(refused.CommandId);
        }
    }

    /// <summary>Who holds it by the log so far.</summary>
    public LockGranted? HolderOf(string name) =>
        _names.TryGetValue(name, out var holdings) && holdings.Count > 0 ? holdings[^1].Grant : null;

    private List<Holding> Holdings(string name)
    {
        if (!_names.TryGetValue(name, out var holdings))
        {
            _names[name] = holdings = [];
        }
        return holdings;
    }

    private static void Require(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure(property, what);
        }
    }

    private readonly record struct Holding(LogIndex From, LockGranted? Grant);
}

using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Acquire = Muster.Client.Acquire;

namespace Muster.Simulator;

/// <summary>
/// A second, much simpler lock table, fed by the commands and the events of the log: who may hold together
/// alone does, in the order of their coming, all names or none, under tokens that only grow; each command
/// once; and nobody loses a session or a lock that he still counts on, but by an operator or a verdict.
/// </summary>
internal sealed class LockChecks
{
    private readonly Simulation _world;
    private readonly LockAsked _asked = new();
    private readonly LockQueues _queues;
    private readonly Dictionary<string, List<FencingToken>> _grants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _queued = new(StringComparer.Ordinal);
    private readonly HashSet<string> _released = new(StringComparer.Ordinal);
    private readonly HashSet<string> _over = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _broken = new(StringComparer.Ordinal);

    /// <summary>
    /// Each break's answers: more than one of a break that came again when its id was forgotten.
    /// </summary>
    private readonly HashSet<LockBroken> _breaks = [];

    public LockChecks(Simulation world)
    {
        _world = world;
        _queues = new LockQueues(_asked, Holds);
        Sessions = new LockSessions(world, _asked);
    }

    public LockHolds Holds { get; } = new();

    public LockSessions Sessions { get; }

    public LockCounts Counts { get; } = new();

    /// <summary>The newest token that was given.</summary>
    public FencingToken NewestToken { get; private set; }

    public bool WasReleased(string acquireId) => _released.Contains(acquireId);

    /// <summary>It was granted under that token, or became exclusive under it.</summary>
    public bool WasGranted(string acquireId, FencingToken token) =>
        _grants.TryGetValue(acquireId, out var tokens) && tokens.Contains(token);

    /// <summary>The log answered so.</summary>
    public bool WasBroken(LockBroken told) => _breaks.Contains(told);

    /// <summary>
    /// When it was taken from a holder who may count on it still: broken, or released on a crash. From then
    /// on only the token stands. Null: never.
    /// </summary>
    public long? RevokedAt(string acquireId, string sessionId) =>
        _broken.TryGetValue(acquireId, out var at) ? at : Sessions.CrashedAt(sessionId);

    public void OnApplied(AppliedEntry entry, IReadOnlyList<LockEffect> effects)
    {
        IReadOnlyList<LockEntryCommand> commands =
            entry.Body.IsEmpty ? [] : LockEntryCodec.Read(entry.Body.Span).Commands;
        _asked.Read(commands);
        _queues.Advance(entry.LogTime);
        Sessions.OnEntry(effects);
        var one = new EntryInHand(entry, commands, LeavingOf(effects)) { NewestBefore = NewestToken };
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case LockEffect.Delivery { Item.Event: { } happened }:
                    OnEvent(one, happened);
                    break;
                case LockEffect.Delivery { Item.Reply.LockRefused: { } refused }:
                    OnRefused(refused);
                    break;
                case LockEffect.Answer { Reply: var reply }:
                    OnAnswer(one, reply);
                    one.EndCommand(NewestToken);
                    break;
                case LockEffect.RenewalAnswer { Reply: var renewal }:
                    OnRenewal(renewal);
                    break;
                case LockEffect.CrashTaken { Crash: var crash }:
                    Sessions.OnCrashTaken(crash);
                    break;
            }
        }
        Require(one.Ended.Count == 0 || Holds.FirstOf(one.Ended) is null, "lost is said",
            $"{Holds.FirstOf(one.Ended)} is held by a session that has ended");
        Require(_queues.FirstForgotten() is null, "first come",
            $"{_queues.FirstForgotten()} is first, could hold, and waits on");
    }

    /// <summary>
    /// Long after the last break or verdict: nobody is left who counts on what was taken from him.
    /// </summary>
    /// <param name="before">What was taken later does not count.</param>
    public void CheckTold(long before)
    {
        foreach (var client in _world.Clients)
        {
            var held = client.Held.FirstOrDefault(
                one => RevokedAt(one.Id, one.Session!.Id) is { } at && at < before);
            Require(held is null, "lost is said", $"{client.Name} still counts on {held?.Id}");
        }
    }

    private void OnEvent(EntryInHand entry, LockEvent one)
    {
        switch (one)
        {
            case { LockGranted: { } granted }:
                OnGranted(entry, granted);
                break;
            case { LockQueued: { } queued }:
                Require(_queued.Add(queued.CommandId), "exactly once", $"{queued.CommandId} is queued twice");
                _queues.Enter(queued);
                break;
            case { LockReleased: { } released }:
                OnVacated(
                    entry, released.Names ?? [released.Name], released.AcquireId, released.FencingToken);
                _released.Add(released.AcquireId);
                break;
            case { LockLost: { } lost }:
                OnLost(entry, lost);
                break;
            case { SessionExpired: { } expired }:
                entry.Ended.Add(expired.SessionId);
                Sessions.OnExpired(expired);
                break;
        }
    }

    private void OnGranted(EntryInHand entry, LockGranted granted)
    {
        var id = granted.CommandId;
        Require(granted.FencingToken > NewestToken, "one holder",
            $"the token {granted.FencingToken} of {id} is not above {NewestToken}");
        Require(_grants.TryAdd(id, [granted.FencingToken]), "exactly once", $"{id} is granted twice");
        Require(!_over.Contains(id), "exactly once", $"{id} is granted after it was refused or cancelled");
        Require(!Sessions.HasEnded(granted.SessionId), "one holder",
            $"{id} is granted to the session {granted.SessionId}, which has ended");
        Require(_asked.Difference(granted) is null, "all or nothing",
            $"{id} is not granted what it asked for: {_asked.Difference(granted)}");
        NewestToken = granted.FencingToken;
        entry.Given.Add(granted.FencingToken);
        var overtaken = _queues.Overtaken(granted, entry.Leaving);
        Require(overtaken is null, "first come", $"{id} overtakes {overtaken}");
        _queues.Leave(id);
        Counts.OnGranted(granted);
        foreach (var name in granted.Names ?? [granted.Name])
        {
            Hold(entry.Entry.Index, name, granted);
            RequireNobodyCounts(name, granted);
        }
    }

    private void Hold(LogIndex index, string name, LockGranted granted)
    {
        var id = granted.CommandId;
        var hold = new LockHold(
            granted.AcquireId ?? id, granted.SessionId, granted.Mode, granted.Permits, granted.FencingToken);
        var before = Holds.Find(name, hold.AcquireId);
        var others = Holds.Of(name).Where(one => one != before).ToList();
        var conflict = LockHold.Conflict(others, hold.Mode, hold.Permits, MaxPermitsOf(id));
        Require(conflict is null, "one holder", $"{name} is granted to {id} while {conflict}");
        if (granted.AcquireId is null)
        {
            Holds.Add(index, name, hold);
            return;
        }
        Require(before?.Mode == LockMode.Upgradeable, "one holder",
            $"{id} upgrades {hold.AcquireId}, which holds {name} as {before?.Mode}");
        _grants[hold.AcquireId].Add(hold.Token);
        Holds.Change(index, name, before!, hold);
    }

    /// <summary>
    /// Nobody else counts, by his own clocks, on what cannot be beside this grant, and nobody who runs goes
    /// on because his lost token has not fired.
    /// </summary>
    private void RequireNobodyCounts(string name, LockGranted granted)
    {
        RequireNone("one holder", "counts on its own", client => client.Held, name, granted);
        RequireNone("told in time", "was not told of its loss", client => client.Trusted, name, granted);
    }

    private void RequireNone(
        string property, string what, Func<ClientProcess, IEnumerable<Acquire>> heldBy, string name,
        LockGranted granted)
    {
        var counted = _world.Clients
            .SelectMany(client => heldBy(client).Where(held => held.Claim.Names.Contains(name)))
            // Of what was taken from him a holder hears later, and only the token stands.
            .Where(held => held.Id != (granted.AcquireId ?? granted.CommandId)
                && RevokedAt(held.Id, held.Session!.Id) is null)
            .Select(held => new LockHold(
                held.Id, held.Session!.Id, held.Upgrade is null ? held.Claim.Mode : LockMode.Exclusive,
                held.Claim.Permits, held.Token))
            .ToList();
        var conflict = LockHold.Conflict(
            counted, granted.Mode, granted.Permits, MaxPermitsOf(granted.CommandId));
        Require(conflict is null, property,
            $"{name} is granted to {granted.CommandId} while a client {what}: {conflict}");
    }

    private void OnLost(EntryInHand entry, LockLost lost)
    {
        IReadOnlyList<string> names = lost.Names ?? [lost.Name];
        OnVacated(entry, names, lost.AcquireId, lost.FencingToken);
        if (lost.Cause == "Broken")
        {
            var isMeant = entry.Commands.Any(command => command.BreakLock is { } one
                && names.Contains(one.Name) && LockAsked.IsMeant(one, lost.SessionId, lost.FencingToken));
            Require(isMeant, "lost is said", $"{lost.AcquireId} is broken, and no operator asked for that");
            _broken[lost.AcquireId] = _world.Scheduler.Now;
        }
        else if (lost.Cause != "SessionClosed")
        {
            var delay = _asked.Sessions[lost.SessionId].LockDelayMilliseconds;
            foreach (var name in delay > 0 ? names : [])
            {
                _queues.Delay(name, delay);
            }
        }
    }

    private void OnVacated(
        EntryInHand entry, IReadOnlyList<string> names, string acquireId, FencingToken token)
    {
        var upgraded = _asked.Upgrades.GetValueOrDefault(acquireId)?.AcquireId;
        foreach (var name in names)
        {
            var hold = Holds.Find(name, upgraded ?? acquireId);
            Require(hold?.Token == token, "one holder",
                $"{name} is taken from {acquireId} under {token}, and it holds under {hold?.Token}");
            if (upgraded is null) Holds.Remove(entry.Entry.Index, name, hold!);
            else Holds.Change(entry.Entry.Index, name, hold!, hold! with { Mode = LockMode.Upgradeable });
        }
    }

    private void OnAnswer(EntryInHand entry, LockReply reply)
    {
        switch (reply)
        {
            case { AcquireCancelled: { } cancelled }:
                Counts.Cancels++;
                _over.Add(cancelled.AcquireId);
                _queues.Leave(cancelled.AcquireId);
                break;
            case { SessionOpened: { } opened }:
                Sessions.OnOpened(opened);
                break;
            case { SessionClosed: { } closed }:
                Sessions.OnClosed(closed.SessionId);
                break;
            case { LockBroken: { } broken }:
                Counts.Breaks++;
                OnBroken(entry, broken);
                break;
            case { LockRefused: { } refused }:
                OnRefused(refused);
                break;
        }
    }

    /// <summary>
    /// Who fences with the answer's token shuts out all whom the break took the lock from, and none who has
    /// it still: it is new, or that of the oldest holder who was not meant.
    /// </summary>
    private void OnBroken(EntryInHand entry, LockBroken broken)
    {
        var token = broken.FencingToken;
        var holders = Holds.Of(broken.Name);
        var older = holders.FirstOrDefault(hold => hold.Token < token);
        Require(older is null, "one holder",
            $"{broken.CommandId} shuts out all before {token}, and so {older?.AcquireId}, which holds "
            + $"{broken.Name} on");
        var isHoldersOwn = holders.Any(hold => hold.Token == token
            && !LockAsked.IsMeant(_asked.Breaks[broken.CommandId], hold.SessionId, hold.Token));
        if (_breaks.Add(broken) && !isHoldersOwn)
        {
            Require(token > entry.NewestBefore && token > broken.BrokenToken && !entry.Given.Contains(token),
                "one holder", $"{broken.CommandId} takes {broken.Name} from {broken.BrokenToken} under "
                + $"{token}, and {entry.NewestBefore} was given before");
            NewestToken = token > NewestToken ? token : NewestToken;
        }
    }

    /// <summary>Each session is told all that it holds and waits for, and whether it lives.</summary>
    private void OnRenewal(HeartbeatAnswered answer)
    {
        foreach (var told in answer.Sessions)
        {
            var (held, waits) = (Holds.OfSession(told.SessionId), _queues.OfSession(told.SessionId));
            var isTold = told.Status == RenewalStatus.Renewed == Sessions.IsOpen(told.SessionId)
                && held.SetEquals(told.Grants.Select(grant => (grant.AcquireId, grant.FencingToken)))
                && waits.SetEquals(told.Waits);
            Require(isTold, "renewals",
                $"{told.SessionId} is told {told.Status}, [{string.Join(' ', told.Grants)}] and "
                + $"[{string.Join(' ', told.Waits)}]; it holds [{string.Join(' ', held)}] and waits for "
                + $"[{string.Join(' ', waits)}]");
        }
    }

    // What is refused without being remembered may be done when it comes again.
    private void OnRefused(LockRefused refused)
    {
        if (refused.Reason is not (LockRefusal.NotReady or LockRefusal.Overloaded))
        {
            _over.Add(refused.CommandId);
            _queues.Leave(refused.CommandId);
        }
    }

    private int MaxPermitsOf(string commandId) =>
        _asked.Acquires.GetValueOrDefault(commandId)?.MaxPermits ?? 0;

    private static HashSet<string> LeavingOf(IReadOnlyList<LockEffect> effects) =>
    [
        .. effects.Select(effect => effect switch
        {
            LockEffect.Delivery { Item.Reply.LockRefused: { } refused } => refused.CommandId,
            LockEffect.Answer { Reply.LockRefused: { } refused } => refused.CommandId,
            LockEffect.Answer { Reply.AcquireCancelled: { } cancelled } => cancelled.AcquireId,
            _ => "",
        }),
    ];

    private static void Require(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure(property, what);
        }
    }

    private sealed record EntryInHand(
        AppliedEntry Entry, IReadOnlyList<LockEntryCommand> Commands, IReadOnlySet<string> Leaving)
    {
        public HashSet<string> Ended { get; } = new(StringComparer.Ordinal);

        /// <summary>The newest token before the command in hand, and those that it has given.</summary>
        public FencingToken NewestBefore { get; set; }

        public HashSet<FencingToken> Given { get; } = [];

        public void EndCommand(FencingToken newest)
        {
            NewestBefore = newest;
            Given.Clear();
        }
    }
}

using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Shouldly;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// Follows a machine by its effects alone and holds it to what locks promise: holders that may hold together,
/// tokens that grow, first come first served, nobody who waits for what he could hold, no waiter that
/// vanishes without an answer, breaks with tokens between the broken grants' and the next, leaders announced
/// once for each change, events and outbox numbered without gaps.
/// </summary>
internal sealed class HistoryChecker
{
    private readonly HeldNames _held = new();
    private readonly Dictionary<string, (LockBroken Answer, long At)> _broken = [];
    private readonly List<(IReadOnlyList<string> Names, string Session, string Acquire)> _waiting = [];
    private readonly HashSet<string> _withoutAddress;
    private readonly HashSet<string> _cancelled = [];
    private readonly Dictionary<long, ValueProclaimed> _proclaimed = [];
    private readonly long _window;
    private ElectionLeader? _leader;
    private long _brokenToken;
    private long _token;
    private long _tokenBefore;
    private long _event;
    private long _item;

    /// <param name="withoutAddress">Acquires that named no address: their waits may end without a
    /// word.</param>
    /// <param name="window">How long the machine remembers commands by their id.</param>
    public HistoryChecker(IEnumerable<string> withoutAddress, long window)
    {
        _withoutAddress = new(withoutAddress, StringComparer.Ordinal);
        _window = window;
    }

    /// <summary>By mode; upgrades by themselves.</summary>
    public SortedDictionary<string, int> Grants { get; } = new(StringComparer.Ordinal);

    public int Breaks { get; private set; }

    /// <summary>Locks lost to crashes.</summary>
    public int Crashes { get; private set; }

    public int Leaders { get; private set; }

    /// <summary>Values that leaders published later.</summary>
    public int Proclaimed { get; private set; }

    public void Observe(LockMachine machine, IReadOnlyList<LockEffect> effects)
    {
        // A cancel's answer comes after the grants that it made way for.
        _cancelled.Clear();
        _cancelled.UnionWith(effects.OfType<LockEffect.Answer>()
            .Select(answer => answer.Reply.AcquireCancelled?.AcquireId).OfType<string>());
        foreach (var proclaimed in effects.OfType<LockEffect.Answer>()
            .Select(answer => answer.Reply.ValueProclaimed).OfType<ValueProclaimed>())
        {
            // A copy's answer names the event of the first.
            _proclaimed.TryAdd(proclaimed.Event.Number, proclaimed);
        }
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case LockEffect.Answer { Reply.AcquireCancelled: { } cancelled }:
                    _waiting.RemoveAll(waiter => waiter.Acquire == cancelled.AcquireId);
                    break;
                case LockEffect.Answer { Reply.LockBroken: { } broken }:
                    Observe(broken, machine.Time);
                    break;
                case LockEffect.Delivery { Item: var item }:
                    Observe(item);
                    break;
            }
        }
        var described = RandomHistory.LockNames
            .Select(name => machine.Describe(new() { Name = name }).LockDescription)
            .OfType<LockDescription>().ToDictionary(one => one.Name);
        foreach (var one in described.Values)
        {
            Compare(one);
            if (one.Waiters.Count > 0)
            {
                _held.MayHold(one.Waiters[0], described).ShouldBeFalse(
                    $"{one.Waiters[0]} waits for {one.Name}, which it could hold");
            }
        }
        CompareLeader(machine);
        _brokenToken.ShouldBe(0, "a broken lock without the answer to its break");
        machine.Outbox.LastNumber.ShouldBe(_item);
        machine.EventsHead.ShouldBe(_event);
    }

    private void Observe(OutboxItem<LockEvent, LockReply> item)
    {
        item.Number.ShouldBe(++_item);
        (item.Event is null && item.Reply is null).ShouldBeFalse();
        if (item.Event is { } lockEvent)
        {
            item.EventId!.Number.ShouldBe(++_event);
            Observe(lockEvent);
        }
        if (item.Reply?.LockRefused is { } refused)
        {
            _waiting.RemoveAll(waiter => waiter.Acquire == refused.CommandId).ShouldBe(1);
        }
    }

    private void Observe(LockEvent lockEvent)
    {
        switch (lockEvent)
        {
            case { LockQueued: { } queued }:
                IReadOnlyList<string> names = queued.Names ?? [queued.Name];
                names.Max(name => _waiting.Count(waiter => waiter.Names.Contains(name)))
                    .ShouldBeGreaterThanOrEqualTo(queued.Ahead);
                _waiting.Add((names, queued.SessionId, queued.CommandId));
                break;
            case { LockGranted: { } granted }:
                Grant(granted);
                break;
            case { LockReleased: { } released }:
                End(released.Name, released.SessionId, released.AcquireId);
                break;
            case { LockLost: { } lost }:
                End(lost.Name, lost.SessionId, lost.AcquireId);
                Crashes += lost.Cause == "SessionCrashed" ? 1 : 0;
                if (lost.Cause == "Broken")
                {
                    _tokenBefore = _brokenToken == 0 ? _token : _tokenBefore;
                    _brokenToken = lost.FencingToken.Value;
                }
                break;
            case { LeaderChanged: { } changed }:
                Observe(changed);
                break;
        }
    }

    /// <summary>
    /// A break's answer comes after the events of what it broke and granted; its copies say the same again.
    /// </summary>
    private void Observe(LockBroken broken, long now)
    {
        if (_broken.TryGetValue(broken.CommandId, out var first) && now - first.At < _window)
        {
            broken.ShouldBe(first.Answer);
            return;
        }
        _broken[broken.CommandId] = (broken, now);
        var token = broken.FencingToken.Value;
        broken.BrokenToken.Value.ShouldBe(_brokenToken);
        broken.WasHeld.ShouldBe(_brokenToken != 0);
        Breaks += broken.WasHeld ? 1 : 0;
        var before = broken.WasHeld ? _tokenBefore : _token;
        var least = _held.LeastToken(broken.Name);
        if (_held.IsFrom(broken.Name, before))
        {
            token.ShouldBe(least, "other grants than the expected ones must not be fenced out");
        }
        else
        {
            token.ShouldBeGreaterThan(Math.Max(before, _brokenToken));
            token.ShouldBeLessThan(least);
        }
        _token = Math.Max(_token, token);
        _brokenToken = 0;
    }

    /// <summary>
    /// After the lock's own events, and not twice the same; or the same leader with the value it proclaimed.
    /// </summary>
    private void Observe(LeaderChanged changed)
    {
        changed.Election.ShouldBe(RandomHistory.Election);
        if (_proclaimed.TryGetValue(changed.Event.Number, out var proclaimed))
        {
            var value = RandomHistory.ValueOf(proclaimed.CampaignId, proclaimed.CommandId);
            changed.Leader.ShouldBe(_leader.ShouldNotBeNull() with { Value = value });
            Proclaimed++;
        }
        else
        {
            changed.Leader.ShouldNotBe(_leader);
            (changed.Leader?.Value).ShouldBe(
                changed.Leader is { } next ? RandomHistory.ValueOf(next.CampaignId) : null);
            Leaders += changed.Leader is null ? 0 : 1;
        }
        _leader = changed.Leader;
        ShouldLead(_leader);
    }

    private void CompareLeader(LockMachine machine)
    {
        var observed = machine.Observe(new() { Election = RandomHistory.Election }).LeaderObserved;
        ShouldLead(_leader);
        observed?.Leader.ShouldBe(_leader);
    }

    private void ShouldLead(ElectionLeader? leader)
    {
        if (_held.Of(RandomHistory.ElectionLock).SingleOrDefault() is not { } holder)
        {
            leader.ShouldBeNull();
            return;
        }
        leader.ShouldNotBeNull();
        (leader.SessionId, leader.CampaignId).ShouldBe((holder.Session, holder.Acquire));
        leader.FencingToken.Value.ShouldBe(holder.Token);
    }

    private void Grant(LockGranted granted)
    {
        granted.FencingToken.Value.ShouldBeGreaterThan(_token);
        _token = granted.FencingToken.Value;
        var kind = granted.AcquireId is null ? granted.Mode.ToString() : "Upgrade";
        Grants[granted.Names is null ? kind : kind + " several"] =
            Grants.GetValueOrDefault(granted.Names is null ? kind : kind + " several") + 1;
        _held.Grant(granted);
        if (granted.AcquireId is not null)
        {
            _waiting.RemoveAll(waiter => waiter.Acquire == granted.CommandId);
            return;
        }
        foreach (var name in granted.Names ?? [granted.Name])
        {
            foreach (var first in _waiting.Where(waiter => waiter.Names.Contains(name)).ToList())
            {
                if (first.Acquire == granted.CommandId)
                {
                    break;
                }
                (_withoutAddress.Contains(first.Acquire) || _cancelled.Contains(first.Acquire))
                    .ShouldBeTrue($"{first} was passed over");
                _waiting.Remove(first);
            }
        }
        _waiting.RemoveAll(waiter => waiter.Acquire == granted.CommandId);
    }

    private void End(string name, string session, string acquire)
    {
        if (name == RandomHistory.ElectionLock)
        {
            ShouldLead(_leader);
        }
        _held.End(session, acquire);
    }

    private void Compare(LockDescription actual)
    {
        var waiters = actual.Waiters.OrderBy(waiter => waiter.IsUpgrade ? 1 : 0)
            .Select(waiter => (waiter.SessionId, waiter.AcquireId)).ToList();
        _waiting.RemoveAll(waiter => waiter.Names.Contains(actual.Name)
            && _withoutAddress.Contains(waiter.Acquire)
            && !waiters.Contains((waiter.Session, waiter.Acquire)));
        var upgrades = actual.Waiters.Where(waiter => waiter.IsUpgrade).Select(waiter => waiter.AcquireId);
        waiters.ShouldBe(_waiting.Where(waiter => waiter.Names.Contains(actual.Name))
            .OrderBy(waiter => upgrades.Contains(waiter.Acquire) ? 1 : 0)
            .Select(waiter => (waiter.Session, waiter.Acquire)));
        actual.Holders.Select(holder => (
            holder.SessionId, holder.AcquireId, holder.Mode, holder.Permits, holder.FencingToken.Value))
            .ShouldBe(_held.Of(actual.Name).Select(holder => (
                holder.Session, holder.Acquire, holder.Mode, holder.Permits, holder.Token)));
    }
}

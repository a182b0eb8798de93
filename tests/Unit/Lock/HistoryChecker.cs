using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Shouldly;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// Follows a machine by its effects alone and holds it to what locks promise: one holder a name, tokens that
/// grow, first come first served, no waiter that vanishes without an answer, breaks with tokens between the
/// broken grant's and the next, leaders announced once for each change, events and outbox numbered without
/// gaps.
/// </summary>
internal sealed class HistoryChecker
{
    private readonly Dictionary<string, (string Session, string Acquire)> _holders = [];
    private readonly Dictionary<string, long> _held = [];
    private readonly Dictionary<string, (LockBroken Answer, long At)> _broken = [];
    private readonly List<(string Name, string Session, string Acquire)> _waiting = [];
    private readonly HashSet<string> _withoutAddress;
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

    public int Grants { get; private set; }

    public int Breaks { get; private set; }

    public int Leaders { get; private set; }

    public void Observe(LockMachine machine, IReadOnlyList<LockEffect> effects)
    {
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
        foreach (var name in RandomHistory.LockNames)
        {
            Compare(machine.Describe(new() { Name = name }).LockDescription);
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
                _holders.ShouldContainKey(queued.Name);
                var ahead = _waiting.Count(waiter => waiter.Name == queued.Name);
                ahead.ShouldBeGreaterThanOrEqualTo(queued.Ahead);
                _waiting.Add((queued.Name, queued.SessionId, queued.CommandId));
                break;
            case { LockGranted: { } granted }:
                Grant(granted);
                break;
            case { LockReleased: { } released }:
                End(released.Name, released.SessionId, released.AcquireId);
                break;
            case { LockLost: { } lost }:
                End(lost.Name, lost.SessionId, lost.AcquireId);
                if (lost.Cause == "Broken")
                {
                    (_brokenToken, _tokenBefore) = (lost.FencingToken.Value, _token);
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
        if (broken.WasHeld)
        {
            Breaks++;
            token.ShouldBeGreaterThan(_tokenBefore);
            _held.GetValueOrDefault(broken.Name, long.MaxValue).ShouldBeGreaterThan(token);
        }
        else if (_held.TryGetValue(broken.Name, out var other))
        {
            token.ShouldBe(other, "another grant than the expected one must not be fenced out");
        }
        else
        {
            token.ShouldBeGreaterThan(_token);
        }
        _token = Math.Max(_token, token);
        _brokenToken = 0;
    }

    /// <summary>After the lock's own events, and not twice the same.</summary>
    private void Observe(LeaderChanged changed)
    {
        changed.Election.ShouldBe(RandomHistory.Election);
        changed.Leader.ShouldNotBe(_leader);
        _leader = changed.Leader;
        ShouldLead(_leader);
        if (_leader is null)
        {
            _waiting.Where(waiter => waiter.Name == RandomHistory.ElectionLock)
                .ShouldAllBe(waiter => _withoutAddress.Contains(waiter.Acquire));
        }
        else
        {
            Leaders++;
        }
    }

    private void CompareLeader(LockMachine machine)
    {
        var observed = machine.Observe(new() { Election = RandomHistory.Election }).LeaderObserved;
        ShouldLead(_leader);
        observed?.Leader.ShouldBe(_leader);
    }

    private void ShouldLead(ElectionLeader? leader)
    {
        if (!_holders.TryGetValue(RandomHistory.ElectionLock, out var holder))
        {
            leader.ShouldBeNull();
            return;
        }
        leader.ShouldNotBeNull();
        (leader.SessionId, leader.CampaignId).ShouldBe(holder);
        leader.FencingToken.Value.ShouldBe(_held[RandomHistory.ElectionLock]);
        leader.Value.ShouldBe(RandomHistory.ValueOf(leader.CampaignId));
    }

    private void Grant(LockGranted granted)
    {
        granted.FencingToken.Value.ShouldBeGreaterThan(_token);
        _token = granted.FencingToken.Value;
        _held[granted.Name] = _token;
        Grants++;
        _holders.TryAdd(granted.Name, (granted.SessionId, granted.CommandId)).ShouldBeTrue(granted.Name);
        foreach (var first in _waiting.Where(waiter => waiter.Name == granted.Name).ToList())
        {
            _waiting.Remove(first);
            if (first == (granted.Name, granted.SessionId, granted.CommandId))
            {
                return;
            }
            _withoutAddress.ShouldContain(first.Acquire, "a waiter was passed over");
        }
    }

    private void End(string name, string session, string acquire)
    {
        if (name == RandomHistory.ElectionLock)
        {
            ShouldLead(_leader);
        }
        _held.Remove(name);
        _holders.Remove(name, out var holder).ShouldBeTrue(name);
        holder.ShouldBe((session, acquire));
    }

    private void Compare(LockDescription? actual)
    {
        if (actual is null)
        {
            return;
        }
        var waiters = actual.Waiters
            .Select(waiter => (actual.Name, waiter.SessionId, waiter.AcquireId)).ToList();
        _waiting.RemoveAll(waiter => waiter.Name == actual.Name
            && _withoutAddress.Contains(waiter.Acquire) && !waiters.Contains(waiter));
        waiters.ShouldBe(_waiting.Where(waiter => waiter.Name == actual.Name));
        if (actual.Holder is null)
        {
            _holders.ContainsKey(actual.Name).ShouldBeFalse();
        }
        else
        {
            _holders[actual.Name].ShouldBe((actual.Holder.SessionId, actual.Holder.AcquireId));
        }
    }
}

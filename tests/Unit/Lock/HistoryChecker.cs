using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Shouldly;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// Follows a machine by its effects alone and holds it to what locks promise: one holder a name, tokens that
/// grow, first come first served, no waiter that vanishes without an answer, events and outbox numbered
/// without gaps.
/// </summary>
internal sealed class HistoryChecker
{
    private readonly Dictionary<string, (string Session, string Acquire)> _holders = [];
    private readonly List<(string Name, string Session, string Acquire)> _waiting = [];
    private readonly HashSet<string> _withoutAddress;
    private long _token;
    private long _event;
    private long _item;

    /// <param name="withoutAddress">Acquires that named no address: their waits may end without a
    /// word.</param>
    public HistoryChecker(IEnumerable<string> withoutAddress) =>
        _withoutAddress = new(withoutAddress, StringComparer.Ordinal);

    public int Grants { get; private set; }

    public void Observe(LockMachine machine, IReadOnlyList<LockEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case LockEffect.Answer { Reply.AcquireCancelled: { } cancelled }:
                    _waiting.RemoveAll(waiter => waiter.Acquire == cancelled.AcquireId);
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
        machine.OutboxLastNumber.ShouldBe(_item);
        machine.EventsHead.ShouldBe(_event);
    }

    private void Observe(OutboxItem item)
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
                break;
        }
    }

    private void Grant(LockGranted granted)
    {
        granted.FencingToken.Value.ShouldBeGreaterThan(_token);
        _token = granted.FencingToken.Value;
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

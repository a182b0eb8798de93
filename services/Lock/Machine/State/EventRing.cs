using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// The newest events of the group's stream, numbered densely from 1, for subscribers that missed some.
/// </summary>
internal sealed class EventRing
{
    private readonly Queue<LockEvent> _events = new();

    /// <summary>The newest event's number; 0 before the first.</summary>
    public long Head { get; private set; }

    /// <summary>The oldest number still kept; one above the head when none is.</summary>
    public long First => Head - _events.Count + 1;

    public IEnumerable<LockEvent> Kept => _events;

    public void Add(LockEvent lockEvent, int mostKept)
    {
        _events.Enqueue(lockEvent);
        Head++;
        while (_events.Count > mostKept)
        {
            _events.Dequeue();
        }
    }

    public IReadOnlyList<LockEvent> From(long number, int most) =>
        [.. _events.Skip((int)Math.Clamp(number - First, 0, _events.Count)).Take(most)];

    public void Restore(long head, IReadOnlyList<LockEvent> kept)
    {
        foreach (var lockEvent in kept)
        {
            _events.Enqueue(lockEvent);
        }
        Head = head;
    }
}

namespace Muster.Replication.Core;

/// <summary>
/// The newest events of a group's stream, numbered densely from 1, for subscribers that missed some.
/// </summary>
public sealed class EventRing<TEvent>
    where TEvent : class
{
    private readonly Queue<TEvent> _events = new();

    /// <summary>The newest event's number; 0 before the first.</summary>
    public long Head { get; private set; }

    /// <summary>The oldest number still kept; one above the head when none is.</summary>
    public long First => Head - _events.Count + 1;

    /// <summary>Oldest first.</summary>
    public IEnumerable<TEvent> Kept => _events;

    public void Add(TEvent newest, int mostKept)
    {
        _events.Enqueue(newest);
        Head++;
        while (_events.Count > mostKept)
        {
            _events.Dequeue();
        }
    }

    /// <summary>Kept events from this number on, in order.</summary>
    public IReadOnlyList<TEvent> From(long number, int most) =>
        [.. _events.Skip((int)Math.Clamp(number - First, 0, _events.Count)).Take(most)];

    /// <summary>A new ring as a snapshot had it.</summary>
    public void Restore(long head, IReadOnlyList<TEvent> kept)
    {
        foreach (var one in kept)
        {
            _events.Enqueue(one);
        }
        Head = head;
    }
}

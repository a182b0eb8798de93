namespace Muster.Replication.Core;

/// <summary>
/// What has to leave the group and is not yet known to have left, and which replica publishes it. The
/// machine bounds it: it takes nothing new while too much waits here.
/// </summary>
public sealed class Outbox<TEvent, TReply> : IOutboxReader<TEvent, TReply>
    where TEvent : class
    where TReply : class
{
    private readonly Queue<OutboxItem<TEvent, TReply>> _items = new();

    public string Owner { get; private set; } = "";

    public long Epoch { get; private set; }

    public long PublishedUpTo { get; private set; }

    public long LastNumber => PublishedUpTo + _items.Count;

    public int Count => _items.Count;

    /// <summary>The unpublished items, oldest first: a snapshot's share.</summary>
    public IEnumerable<OutboxItem<TEvent, TReply>> Items => _items;

    public void Add(OutboxItem<TEvent, TReply> item)
    {
        if (item.Number != LastNumber + 1)
        {
            throw new InvalidOperationException($"Outbox item {item.Number} does not follow {LastNumber}.");
        }
        _items.Enqueue(item);
    }

    public IReadOnlyList<OutboxItem<TEvent, TReply>> From(long number, int most) =>
        [.. _items.Skip((int)Math.Clamp(number - PublishedUpTo - 1, 0, _items.Count)).Take(most)];

    public void Claim(OutboxClaim claim)
    {
        if (claim.ExpectedEpoch == Epoch)
        {
            Owner = claim.Replica;
            Epoch++;
        }
    }

    public void Trim(OutboxPublished published)
    {
        if (published.Epoch != Epoch || Epoch == 0)
        {
            return;
        }
        while (_items.TryPeek(out var oldest) && oldest.Number <= published.UpTo)
        {
            PublishedUpTo = _items.Dequeue().Number;
        }
    }

    /// <summary>A new outbox as a snapshot had it; its items are added afterwards.</summary>
    public void Restore(string owner, long epoch, long publishedUpTo)
    {
        Owner = owner;
        Epoch = epoch;
        PublishedUpTo = publishedUpTo;
    }
}

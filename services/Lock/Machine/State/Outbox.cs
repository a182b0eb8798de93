namespace Muster.Lock.Machine;

/// <summary>
/// What has to leave the group and is not yet known to have left, and which replica publishes it.
/// </summary>
internal sealed class Outbox
{
    private readonly Queue<OutboxItem> _items = new();

    /// <summary>Empty until the first claim.</summary>
    public string Owner { get; private set; } = "";

    /// <summary>Raised by every claim.</summary>
    public long Epoch { get; private set; }

    public long PublishedUpTo { get; private set; }

    public long LastNumber => PublishedUpTo + _items.Count;

    public int Count => _items.Count;

    public IEnumerable<OutboxItem> Items => _items;

    public void Add(OutboxItem item)
    {
        if (item.Number != LastNumber + 1)
        {
            throw new InvalidOperationException($"Outbox item {item.Number} does not follow {LastNumber}.");
        }
        _items.Enqueue(item);
    }

    public IReadOnlyList<OutboxItem> From(long number, int most) =>
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

    public void Restore(string owner, long epoch, long publishedUpTo)
    {
        Owner = owner;
        Epoch = epoch;
        PublishedUpTo = publishedUpTo;
    }
}

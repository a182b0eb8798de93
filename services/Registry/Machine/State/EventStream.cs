using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// The events, as they are kept for subscribers that missed some and as they wait to be published, both
/// bounded by number and by bytes: one event may carry a value of 256 KiB.
/// </summary>
internal sealed class EventStream
{
    private readonly EventRing<RegistryEvent> _ring = new();
    private readonly Outbox<RegistryEvent, RegistryReply> _outbox = new();
    private readonly Queue<long> _keptSizes = new();
    private readonly Queue<long> _unpublishedSizes = new();
    private long _keptBytes;

    public long Head => _ring.Head;

    /// <summary>The oldest number still kept; one above the head when none is.</summary>
    public long First => _ring.First;

    /// <summary>Oldest first.</summary>
    public IEnumerable<RegistryEvent> Kept => _ring.Kept;

    public IOutboxReader<RegistryEvent, RegistryReply> Outbox => _outbox;

    /// <summary>Oldest first.</summary>
    public IEnumerable<OutboxItem<RegistryEvent, RegistryReply>> Unpublished => _outbox.Items;

    public long UnpublishedBytes { get; private set; }

    public IReadOnlyList<RegistryEvent> From(long number, int most) => _ring.From(number, most);

    public void Add(OutboxItem<RegistryEvent, RegistryReply> item, RegistryLimits limits)
    {
        AddUnpublished(item);
        var size = SizeOf.Event(item.Event!);
        _keptSizes.Enqueue(size);
        _keptBytes += size;
        while (_keptSizes.Count > limits.MaxKeptEvents
            || (_keptBytes > limits.MaxKeptEventBytes && _keptSizes.Count > 1))
        {
            _keptBytes -= _keptSizes.Dequeue();
        }
        _ring.Add(item.Event!, _keptSizes.Count);
    }

    public void Claim(OutboxClaim claim) => _outbox.Claim(claim);

    public void Trim(OutboxPublished published)
    {
        _outbox.Trim(published);
        while (_unpublishedSizes.Count > _outbox.Count)
        {
            UnpublishedBytes -= _unpublishedSizes.Dequeue();
        }
    }

    /// <summary>A new stream as a snapshot had it; its outbox's items are added afterwards.</summary>
    public void Restore(
        long head, IReadOnlyList<RegistryEvent> kept, string owner, long epoch, long publishedUpTo)
    {
        _ring.Restore(head, kept);
        foreach (var size in kept.Select(SizeOf.Event))
        {
            _keptSizes.Enqueue(size);
            _keptBytes += size;
        }
        _outbox.Restore(owner, epoch, publishedUpTo);
    }

    public void AddUnpublished(OutboxItem<RegistryEvent, RegistryReply> item)
    {
        _outbox.Add(item);
        var size = item.Event is { } registryEvent ? SizeOf.Event(registryEvent) : 0;
        _unpublishedSizes.Enqueue(size);
        UnpublishedBytes += size;
    }
}

using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>What the publisher needs to know of the machine, copied on the replica's loop.</summary>
internal sealed record OutboxView<TEvent, TReply>
    where TEvent : class
    where TReply : class
{
    public required bool IsInitialized { get; init; }

    public required string Group { get; init; }

    public required long StreamEpoch { get; init; }

    public required string Owner { get; init; }

    public required long Epoch { get; init; }

    public required IReadOnlyList<OutboxItem<TEvent, TReply>> Items { get; init; }

    /// <summary>The newest item that the log knows to be published.</summary>
    public required long PublishedUpTo { get; init; }

    /// <summary>The newest event's number.</summary>
    public required long Head { get; init; }

    /// <summary>The oldest unpublished item's number; 0 when there is none.</summary>
    public long FirstNumber => Items.Count > 0 ? Items[0].Number : 0;

    public static OutboxView<TEvent, TReply> Of<TEffect>(
        IOutboxMachine<TEffect, TEvent, TReply> machine, long after, int maxItems) => new()
        {
            IsInitialized = machine.IsInitialized,
            Group = machine.Group,
            StreamEpoch = machine.StreamEpoch,
            Owner = machine.Outbox.Owner,
            Epoch = machine.Outbox.Epoch,
            PublishedUpTo = machine.Outbox.PublishedUpTo,
            Items = machine.Outbox.From(after + 1, maxItems),
            Head = machine.EventsHead,
        };
}

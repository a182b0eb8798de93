namespace Muster.Replication.Core;

/// <summary>A machine whose events and late answers leave through an outbox.</summary>
public interface IOutboxMachine<TEffect, TEvent, TReply> : IStateMachine<TEffect>
    where TEvent : class
    where TReply : class
{
    string Group { get; }

    /// <summary>The event stream's epoch: another one starts its numbers anew.</summary>
    long StreamEpoch { get; }

    /// <summary>The newest event's number; 0 before the first.</summary>
    long EventsHead { get; }

    IOutboxReader<TEvent, TReply> Outbox { get; }
}

/// <summary>The outbox as its publisher sees it.</summary>
public interface IOutboxReader<TEvent, TReply>
    where TEvent : class
    where TReply : class
{
    /// <summary>The replica that publishes; empty until the first claim.</summary>
    string Owner { get; }

    /// <summary>Raised by every claim; 0 until the first.</summary>
    long Epoch { get; }

    /// <summary>The newest item that the log knows to be published.</summary>
    long PublishedUpTo { get; }

    /// <summary>The newest item's number.</summary>
    long LastNumber { get; }

    /// <summary>Items not known to be published.</summary>
    int Count { get; }

    /// <summary>Unpublished items from this number on, in order.</summary>
    IReadOnlyList<OutboxItem<TEvent, TReply>> From(long number, int most);
}

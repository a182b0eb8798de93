using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// An acquire that waits for its lock or holds it. Ownership is by acquire, never by session.
/// </summary>
internal sealed class Acquire
{
    public required Session Session { get; init; }

    /// <summary>The command id; unique within its session.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>What a candidate publishes with its leadership; null for a plain lock.</summary>
    public string? Value { get; init; }

    public required long? Sequence { get; init; }

    /// <summary>Counts the machine's acquires: the order of the queues.</summary>
    public required long Ticket { get; init; }

    /// <summary>When the wait runs out. It counts no more once the lock is granted.</summary>
    public required long WaitDeadline { get; init; }

    /// <summary>Machine time of the queueing, then of the grant.</summary>
    public required long Since { get; set; }

    /// <summary>None while it waits.</summary>
    public FencingToken Token { get; set; }

    public required ReplyAddress? ReplyTo { get; set; }

    public required string Origin { get; set; }

    /// <summary>What a duplicate is answered, also when the windows have forgotten the command.</summary>
    public required LockReply Reply { get; set; }

    /// <summary>
    /// Its place in the queue while it waits: removal from the middle of 20,000 waiters takes one step.
    /// </summary>
    public LinkedListNode<Acquire>? Place { get; set; }

    /// <summary>What its command's copies are about: candidates alone have a value.</summary>
    public CommandSubject Subject =>
        new(Value is null ? nameof(AcquireLock) : nameof(Campaign), Session.Id, Name);

    public bool IsHeld => Token != FencingToken.None;

    public static IComparer<Acquire> ByTicket { get; } =
        Comparer<Acquire>.Create((left, right) => left.Ticket.CompareTo(right.Ticket));
}

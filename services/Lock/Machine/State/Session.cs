using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>A client's life: locks and waits hang on it and end with it.</summary>
internal sealed class Session
{
    public required string Id { get; init; }

    public required string Owner { get; init; }

    public required long TtlMilliseconds { get; init; }

    /// <summary>Should it expire, nobody is granted its names for so long.</summary>
    public required long LockDelayMilliseconds { get; init; }

    /// <summary>
    /// The command that opened it: its repeat is answered alike for as long as the session lives.
    /// </summary>
    public required string OpenedBy { get; init; }

    /// <summary>Whose crash ends it; null: nobody's.</summary>
    public NodeIncarnation? Node { get; init; }

    /// <summary>Machine time at which it expires. Only <see cref="SessionTable"/> sets it.</summary>
    public required long Deadline { get; set; }

    /// <summary>Machine time of the last sign of life; the opening is the first.</summary>
    public long RenewedAt => Deadline - TtlMilliseconds;

    /// <summary>Waiting and held, by acquire id.</summary>
    public SortedDictionary<string, Acquire> Acquires { get; } = new(StringComparer.Ordinal);

    public required SequenceWindow<StoredAnswer> Answers { get; init; }

    public MarkWindow<Tombstone, string> Tombstones { get; } =
        new(mark => mark.AcquireId, mark => mark.KeptUntil);

    public static IComparer<Session> ById { get; } =
        Comparer<Session>.Create((left, right) => string.CompareOrdinal(left.Id, right.Id));
}

/// <summary>A process, as the detectors name it.</summary>
internal readonly record struct NodeIncarnation(string Node, string Incarnation);

namespace Muster.Testing;

/// <summary>
/// What a queue holds, first in first out. Queues made from one another share one buffer: each is a stretch
/// of it, so that a step costs the same however long the queue is.
/// </summary>
public sealed class QueueState : IEquatable<QueueState>
{
    private const int MostShown = 20;
    private const ulong Base = 0x9E3779B97F4A7C15;

    private readonly Buffer _buffer;
    private readonly int _start;
    // The hash is a polynomial of the items, so that both ends can be changed; the power is Base^count.
    private readonly ulong _hash;
    private readonly ulong _power;

    private QueueState(Buffer buffer, int start, int count, ulong hash, ulong power) =>
        (_buffer, _start, Count, _hash, _power) = (buffer, start, count, hash, power);

    /// <summary>How many places were made for this queue and are not shared with the one before.</summary>
    public int OwnPlaces { get; private init; }

    /// <summary>A queue without items.</summary>
    public static QueueState Empty => new(new Buffer(), 0, 0, 0, 1);

    /// <summary>How many items wait.</summary>
    public int Count { get; }

    /// <summary>The items, the next one first.</summary>
    public ReadOnlySpan<Value> Items => _buffer.Items.AsSpan(_start, Count);

    /// <summary>This queue with an item more at its end.</summary>
    public QueueState Enqueue(Value item)
    {
        var end = _start + Count;
        var hash = unchecked(_hash * Base + Hash(item));
        var power = unchecked(_power * Base);
        if (_buffer.TryAppend(end, item))
        {
            return new(_buffer, _start, Count + 1, hash, power);
        }
        // Another queue has gone on from here with another item.
        var branch = new Buffer(Items);
        branch.TryAppend(Count, item);
        return new(branch, 0, Count + 1, hash, power) { OwnPlaces = branch.Items.Length };
    }

    /// <summary>This queue without its first item.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public QueueState Dequeue()
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("The queue is empty.");
        }
        var power = unchecked(_power * Inverse);
        return new(_buffer, _start + 1, Count - 1, unchecked(_hash - Hash(Items[0]) * power), power);
    }

    /// <inheritdoc/>
    public bool Equals(QueueState? other) =>
        other is not null && _hash == other._hash && Count == other.Count && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as QueueState);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash.GetHashCode();

    /// <summary>The items, the next one first, the first few of many.</summary>
    public override string ToString()
    {
        var shown = Items[..Math.Min(Count, MostShown)].ToArray();
        return $"[{string.Join(", ", shown)}{(Count > MostShown ? $", … {Count} items" : "")}]";
    }

    private static readonly ulong Inverse = InverseOf(Base);

    private static ulong Hash(Value item) => unchecked((ulong)ValueList.SetHash(item));

    /// <summary>Newton's iteration: each round doubles the bits that are right, from three.</summary>
    private static ulong InverseOf(ulong odd)
    {
        var inverse = odd;
        for (var bits = 3; bits < 64; bits *= 2)
        {
            inverse = unchecked(inverse * (2 - odd * inverse));
        }
        return inverse;
    }

    /// <summary>Items appended once, which every queue on it sees the same.</summary>
    private sealed class Buffer
    {
        private int _count;

        public Buffer()
        {
        }

        public Buffer(ReadOnlySpan<Value> items)
        {
            Items = new Value[Math.Max(4, items.Length * 2)];
            items.CopyTo(Items);
            _count = items.Length;
        }

        public Value[] Items { get; private set; } = new Value[4];

        /// <summary>False when another item stands there.</summary>
        public bool TryAppend(int index, Value item)
        {
            if (index < _count)
            {
                return Items[index] == item;
            }
            if (index == Items.Length)
            {
                var longer = new Value[index * 2];
                Items.CopyTo(longer, 0);
                Items = longer;
            }
            Items[index] = item;
            _count = index + 1;
            return true;
        }
    }
}

namespace Muster.Testing;

/// <summary>
/// The order that came furthest. The completion that it stops at ends the smallest failing part: no order has
/// passed it, and this one has passed all before.
/// </summary>
internal sealed class LongestOrder(bool keepsOrder)
{
    private long _reached = long.MinValue;
    private int _known;
    private int _count;

    /// <summary>The operation, of known outcome, whose completion was not passed; -1 before any.</summary>
    public int Blocked { get; private set; } = -1;

    /// <summary>The order's operations, numbered as in a <see cref="Move"/>, if it is kept.</summary>
    public int[] Operations { get; private set; } = [];

    /// <summary>The number of the state after it.</summary>
    public int State { get; private set; }

    /// <summary>
    /// Keeps an order that can go no further, if none came as far: by the completion it stops at, by its
    /// operations of known outcome, and then by how little it takes for granted of the others.
    /// </summary>
    public void Offer(int blocked, long completedAt, List<Move> order, int known, int state)
    {
        if (completedAt > _reached || (blocked == Blocked
            && (known > _known || (known == _known && order.Count < _count))))
        {
            (_reached, _known, _count) = (completedAt, known, order.Count);
            Blocked = blocked;
            Operations = keepsOrder ? [.. order.Select(move => move.Operation)] : [];
            State = state;
        }
    }
}

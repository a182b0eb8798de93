namespace Muster.Testing;

/// <summary>
/// The order that came furthest. The completion that it stops at ends the smallest failing part: no order has
/// passed it, and this one has passed all before.
/// </summary>
internal sealed class LongestOrder
{
    private long _reached = -1;
    private int _known;

    /// <summary>The operation, of known outcome, whose completion was not passed; -1 before any.</summary>
    public int Blocked { get; private set; } = -1;

    /// <summary>The order's operations, numbered as in a <see cref="Move"/>.</summary>
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
            && (known > _known || (known == _known && order.Count < Operations.Length))))
        {
            (_reached, _known) = (completedAt, known);
            Blocked = blocked;
            Operations = [.. order.Select(move => move.Operation)];
            State = state;
        }
    }
}

namespace Muster.Testing;

/// <summary>
/// The order that came furthest. The completion that it stops at ends the smallest failing part: no order has
/// passed it, and this one has passed all before.
/// </summary>
internal sealed class LongestOrder
{
    private long _reached = -1;

    /// <summary>The operation, of known outcome, whose completion was not passed; -1 before any.</summary>
    public int Blocked { get; private set; } = -1;

    /// <summary>The order's operations, numbered as in a <see cref="Move"/>.</summary>
    public int[] Operations { get; private set; } = [];

    /// <summary>The number of the state after it.</summary>
    public int State { get; private set; }

    /// <summary>Keeps an order that can go no further, if none came as far.</summary>
    public void Offer(int blocked, long completedAt, List<Move> order, int state)
    {
        if (completedAt > _reached || (blocked == Blocked && order.Count > Operations.Length))
        {
            _reached = completedAt;
            Blocked = blocked;
            Operations = [.. order.Select(move => move.Operation)];
            State = state;
        }
    }
}

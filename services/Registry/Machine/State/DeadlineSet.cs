namespace Muster.Registry.Machine;

/// <summary>
/// Items by when they fall due; equal deadlines in the items' own order, so every replica takes them alike.
/// </summary>
internal sealed class DeadlineSet<T>(IComparer<T> order)
    where T : class
{
    private readonly SortedSet<(long Deadline, T Item)> _items = new(new ByDeadline(order));

    public long? First => _items.Count == 0 ? null : _items.Min.Deadline;

    public void Add(long deadline, T item) => _items.Add((deadline, item));

    public void Remove(long deadline, T item) => _items.Remove((deadline, item));

    /// <summary>
    /// The first that is due, null when none is. One at a time, because handling one may remove others.
    /// </summary>
    public T? FindDue(long now) => _items.Count > 0 && _items.Min.Deadline <= now ? _items.Min.Item : null;

    private sealed class ByDeadline(IComparer<T> order) : IComparer<(long Deadline, T Item)>
    {
        public int Compare((long Deadline, T Item) left, (long Deadline, T Item) right)
        {
            var byDeadline = left.Deadline.CompareTo(right.Deadline);
            return byDeadline != 0 ? byDeadline : order.Compare(left.Item, right.Item);
        }
    }
}

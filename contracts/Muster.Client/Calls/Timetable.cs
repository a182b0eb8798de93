namespace Muster.Client;

/// <summary>Something to do at a time; of one owner, set and cleared again and again.</summary>
internal sealed class Due(Action run)
{
    public Action Run { get; } = run;

    public TimeSpan At { get; set; }

    public long Order { get; set; }

    public bool IsSet { get; set; }
}

/// <summary>
/// All that is due later, in order, behind one timer. Cleared entries are gone at once, so it holds nothing
/// stale.
/// </summary>
internal sealed class Timetable
{
    private readonly SortedSet<Due> _entries = new(Comparer<Due>.Create((left, right) =>
        left.At != right.At ? left.At.CompareTo(right.At) : left.Order.CompareTo(right.Order)));
    private long _order;

    public TimeSpan? Next => _entries.Min?.At;

    public void Set(Due due, TimeSpan at)
    {
        Clear(due);
        due.At = at;
        due.Order = ++_order;
        due.IsSet = true;
        _entries.Add(due);
    }

    public void Clear(Due due)
    {
        if (due.IsSet)
        {
            _entries.Remove(due);
            due.IsSet = false;
        }
    }

    /// <summary>
    /// Runs what is due by <paramref name="now"/>, also what that makes due, but not what it sets again to
    /// now.
    /// </summary>
    public void Run(TimeSpan now)
    {
        var last = _order;
        while (_entries.Min is { } due && due.At <= now && due.Order <= last)
        {
            Clear(due);
            due.Run();
        }
    }
}

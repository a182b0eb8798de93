namespace Muster.Simulator;

/// <summary>
/// Virtual time in microseconds: everything that happens is an event in this one queue, and events of one
/// moment happen in the order in which they were planned.
/// </summary>
internal sealed class Scheduler
{
    public const long Millisecond = 1_000;
    public const long Second = 1_000_000;

    /// <summary>A core that is due at once, again and again, lets no time pass.</summary>
    private const int MostAtOnce = 1_000_000;

    private readonly PriorityQueue<Action, (long At, long Order)> _events = new(new ByTime());
    private long _order;
    private int _atOnce;

    public long Now { get; private set; }

    public long Events { get; private set; }

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _order++));

    public void After(long delay, Action action) => At(Now + delay, action);

    public void RunUntil(long end)
    {
        while (_events.TryPeek(out var action, out var when) && when.At <= end)
        {
            _events.Dequeue();
            _atOnce = when.At == Now ? _atOnce + 1 : 0;
            Now = when.At;
            Events++;
            if (_atOnce > MostAtOnce)
            {
                throw new SimulationFailure("progress", $"{MostAtOnce} events at one moment, and no end");
            }
            action();
        }
        Now = end;
    }

    private sealed class ByTime : IComparer<(long At, long Order)>
    {
        public int Compare((long At, long Order) left, (long At, long Order) right) =>
            left.At != right.At ? left.At.CompareTo(right.At) : left.Order.CompareTo(right.Order);
    }
}

namespace Muster.Detector.Core;

/// <summary>
/// The newest intervals between two heartbeats of a node, in microseconds. Sum and sum of squares are kept
/// as integers: they are exact however many intervals come and go, where running floating-point sums would
/// drift. Adding and asking take the same time whatever the window holds.
/// </summary>
public sealed class ArrivalWindow
{
    public const int DefaultCapacity = 1_000;

    /// <summary>Longer ones count as this: an hour, so that no sum can overflow.</summary>
    public const long LongestInterval = 3_600_000_000;

    private const int FirstLength = 16;

    private readonly int _capacity;
    private long[] _intervals;
    private int _next;
    private Int128 _sumOfSquares;

    /// <param name="firstInterval">What the node promises, until it is measured.</param>
    /// <param name="capacity">Intervals kept, the first one included.</param>
    public ArrivalWindow(long firstInterval, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
        // Most nodes of a big fleet are young or short-lived: the ring grows to its size.
        _intervals = new long[Math.Min(FirstLength, capacity)];
        Add(firstInterval);
    }

    public int Count { get; private set; }

    public long Sum { get; private set; }

    public Int128 SumOfSquares => _sumOfSquares;

    public double Mean => (double)Sum / Count;

    /// <summary>
    /// The standard deviation. The difference below is taken of integers, so that nothing cancels out.
    /// </summary>
    public double Deviation
    {
        get
        {
            var variance = (_sumOfSquares * Count) - ((Int128)Sum * Sum);
            return Math.Sqrt((double)variance) / Count;
        }
    }

    /// <summary>The newest in, and the oldest out when the window is full.</summary>
    public void Add(long interval)
    {
        interval = Math.Clamp(interval, 0, LongestInterval);
        if (Count == _capacity)
        {
            var oldest = _intervals[_next];
            Sum -= oldest;
            _sumOfSquares -= (Int128)oldest * oldest;
        }
        else
        {
            if (Count == _intervals.Length)
            {
                // It is not full, so it has not wrapped either.
                Array.Resize(ref _intervals, Math.Min(_capacity, Count * 2));
            }
            Count++;
        }
        _intervals[_next] = interval;
        Sum += interval;
        _sumOfSquares += (Int128)interval * interval;
        _next = _next + 1 == _capacity ? 0 : _next + 1;
    }
}

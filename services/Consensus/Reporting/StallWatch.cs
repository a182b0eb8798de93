using Muster.Contracts.Consensus;

namespace Muster.Consensus.Reporting;

/// <summary>
/// Notices what can cost a leader its office though nobody died: a loop that did not run, and a broker that
/// was slow. For the latter the node sends itself a message twice in each shortest election timeout. Used by
/// the loop's thread and by the link's; times are microseconds of a clock of its own.
/// </summary>
/// <param name="time">Whose timestamps count.</param>
/// <param name="electionMinMilliseconds">Half of it is a stall.</param>
/// <param name="onStall">Called when one has ended, on the thread that finds out.</param>
internal sealed class StallWatch(TimeProvider time, long electionMinMilliseconds, Action<Stall> onStall)
{
    private const int MostKept = 100;
    private const int MostUnderWay = 100;
    private const int Smoothing = 8;

    private readonly Lock _gate = new();
    private readonly Queue<Stall> _kept = new();
    private readonly Queue<long> _underWay = new();
    private readonly long _startedAt = time.GetTimestamp();
    private readonly long[] _counts = new long[Enum.GetValues<StallKind>().Length];
    private readonly long _least = electionMinMilliseconds * 1000 / 2;
    private (long From, long To) _lent;
    private long _nextProbe;
    private double _roundTrip;

    public long Now => (long)time.GetElapsedTime(_startedAt).TotalMicroseconds;

    /// <summary>Until <see cref="TakeProbe"/> has one; 0 and less: now.</summary>
    public long ProbeDueInMilliseconds => (_nextProbe - Now + 999) / 1000;

    /// <summary>In milliseconds; 0 before the first probe came back.</summary>
    public double RoundTrip
    {
        get { lock (_gate) return _roundTrip; }
    }

    /// <summary>The newest ones, in the order of their ends.</summary>
    public IReadOnlyList<Stall> Kept
    {
        get { lock (_gate) return [.. _kept]; }
    }

    public long CountOf(StallKind kind)
    {
        lock (_gate) return _counts[(int)kind];
    }

    /// <summary>The loop has gone round once.</summary>
    /// <param name="from">When it began to wait for inputs.</param>
    /// <param name="waitMilliseconds">How long it meant to wait at most.</param>
    /// <param name="woke">When it had them.</param>
    /// <param name="isLent">On the link's thread, which reads no probe meanwhile.</param>
    public void RoundEnded(long from, int waitMilliseconds, long woke, bool isLent = false)
    {
        var ended = Now;
        if (isLent)
        {
            lock (_gate) _lent = (woke, ended);
        }
        var overslept = Math.Max(0, woke - from - (waitMilliseconds * 1000L));
        Note(StallKind.Loop, overslept + (ended - woke), ended);
    }

    /// <summary>
    /// What the loop is to send to its own node, if it is time; its number is when it leaves.
    /// </summary>
    public LoopBack? TakeProbe(string startId)
    {
        var now = Now;
        if (now < _nextProbe) return null;
        _nextProbe = now + _least;
        lock (_gate)
        {
            // When none comes back, the oldest tell for how long.
            if (_underWay.Count < MostUnderWay) _underWay.Enqueue(now);
        }
        return new LoopBack { StartId = startId, Number = now };
    }

    /// <summary>A probe of this process came back; those before it will not any more.</summary>
    public void Returned(LoopBack probe)
    {
        var now = Now;
        var oldest = probe.Number;
        long delay;
        lock (_gate)
        {
            if (_underWay.TryPeek(out var first)) oldest = Math.Min(oldest, first);
            while (_underWay.TryPeek(out var sent) && sent <= probe.Number) _underWay.Dequeue();
            var unread = Math.Max(0, _lent.To - Math.Max(_lent.From, oldest));
            // One that was no stall by itself may be a part of this one, and nothing else would tell of it.
            delay = now - oldest - (_lent.To - _lent.From >= _least ? unread : 0);
            var took = Math.Max(0, now - unread - probe.Number) / 1000.0;
            _roundTrip = _roundTrip == 0 ? took : _roundTrip + ((took - _roundTrip) / Smoothing);
        }
        Note(StallKind.Broker, delay, now);
    }

    private void Note(StallKind kind, long microseconds, long ended)
    {
        if (microseconds < _least) return;
        var began = time.GetUtcNow().AddMicroseconds(ended - microseconds - Now);
        var stall = new Stall(kind, began, microseconds / 1000);
        lock (_gate)
        {
            _counts[(int)kind]++;
            if (_kept.Count == MostKept) _kept.Dequeue();
            _kept.Enqueue(stall);
        }
        onStall(stall);
    }
}

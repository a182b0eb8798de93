using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Muster.Consensus.Driver;

/// <summary>
/// The loop's inputs, bounded in number and bytes, taken all at once: whatever came while the disk synced is
/// one step.
/// </summary>
/// <remarks>
/// An event and not a channel, because the loop is a thread of its own: a starved thread pool must neither
/// delay a heartbeat nor start an election, so neither wake-ups nor timers may run on it. The event is set
/// after the lock is left, and only for a loop that waits: who is woken finds the lock free.
/// <para>
/// While little comes, waking the loop costs as much time as what it then does. So who posts by
/// <see cref="TryPostAndRun"/>, finds the loop waiting and no round just now goes round itself, for the loop;
/// what comes meanwhile, and all that is due, is the loop's again. What the poster itself has to bring comes
/// after that: so once a lent round took long, the loop gives it time to, before deadlines are looked at, and
/// lends none for a while.
/// </para>
/// </remarks>
/// <param name="maxCount">Of inputs that wait.</param>
/// <param name="maxBytes">Of them too; one that is larger is taken alone.</param>
/// <param name="lending">Null: <see cref="Lending.Default"/>.</param>
internal sealed class InputQueue(int maxCount, long maxBytes, Lending? lending = null) : IDisposable
{
    /// <summary>In milliseconds; waits are no more exact.</summary>
    private const int TimerSlack = 2;

    private readonly Lending _lending = lending ?? Lending.Default;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _posted = new(false);
    private List<NodeInput> _waiting = [];
    private List<NodeInput> _taken = [];
    private long _bytes;
    private bool _closed;
    private bool _isAwaited;
    private Func<List<NodeInput>, int>? _round;
    private bool _isLent;
    private bool _isWantedBack;
    private bool _isSettling;
    private long _roundEndedAt;
    private long _longAt;
    private long _loopWakesAt;
    private ExceptionDispatchInfo? _failure;

    /// <summary>The loop waits, and nobody goes round for it.</summary>
    public bool IsAwaited
    {
        get { lock (_gate) return _isAwaited; }
    }

    /// <summary>
    /// Lets posting threads go round while the loop waits. Called by the loop, before it waits for the first
    /// time.
    /// </summary>
    /// <param name="round">
    /// Takes the inputs, and gives the milliseconds until something is due; what it throws, the loop's next
    /// <see cref="TakeAll"/> throws.
    /// </param>
    public void Lend(Func<List<NodeInput>, int> round) => _round = round;

    /// <summary>
    /// As <see cref="TryPost"/>, and may go round before it returns, a synced write in it. For a thread
    /// that has only this to do, and holds no lock.
    /// </summary>
    public bool TryPostAndRun(NodeInput input, int bytes) => TryPost(input, bytes, mayRun: true);

    /// <summary>Adds an input from any thread; false when the queue is full or closed.</summary>
    public bool TryPost(NodeInput input, int bytes) => TryPost(input, bytes, mayRun: false);

    /// <summary>
    /// Adds what must not be lost; its senders bound its number (a connection's ups and downs).
    /// </summary>
    public void Post(NodeInput input)
    {
        bool wakes;
        lock (_gate)
        {
            if (_closed) return;
            wakes = Add(input, 0);
        }
        if (wakes) _posted.Set();
    }

    /// <summary>Ends the loop; nothing is taken any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
        _posted.Set();
    }

    /// <summary>
    /// Everything that waits, after waiting for something up to the given time; null when closed. The list is
    /// the caller's until its next call.
    /// </summary>
    public List<NodeInput>? TakeAll(int waitMilliseconds)
    {
        lock (_gate)
        {
            _roundEndedAt = Stopwatch.GetTimestamp();
            _isAwaited = _waiting.Count == 0 && !_closed && waitMilliseconds > 0;
            if (!_isAwaited) return Take();
            _loopWakesAt = DueIn(waitMilliseconds);
        }
        _posted.WaitOne(waitMilliseconds);
        while (true)
        {
            bool isSettling;
            lock (_gate)
            {
                isSettling = _isSettling;
                if (!_isLent && !isSettling)
                {
                    _isAwaited = _isWantedBack = false;
                    _failure?.Throw();
                    return Take();
                }
                _isWantedBack = _isLent;
                _isSettling = false;
            }
            // Set by the end of a lent round, that of this one too if it was just before, and of all.
            if (isSettling) _posted.WaitOne(0);
            _posted.WaitOne(isSettling ? _lending.Settling : Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Closed before, and its loop ended.</summary>
    public void Dispose() => _posted.Dispose();

    private bool TryPost(NodeInput input, int bytes, bool mayRun)
    {
        bool wakes;
        List<NodeInput>? inputs = null;
        lock (_gate)
        {
            if (!MayAdd(bytes)) return false;
            wakes = Add(input, bytes);
            if (wakes && mayRun && MayLend())
            {
                _isLent = true;
                inputs = Take();
            }
        }
        if (inputs is not null) Run(inputs);
        else if (wakes) _posted.Set();
        return true;
    }

    /// <summary>
    /// On a poster's thread: two rounds at most, since a leader counts its own write in the next one.
    /// </summary>
    private void Run(List<NodeInput> inputs)
    {
        for (var rounds = 1; ; rounds++)
        {
            var (wait, began) = (0, Stopwatch.GetTimestamp());
            try
            {
                wait = _round!(inputs);
            }
            catch (Exception failure)
            {
                // The loop's to tell.
                _failure = ExceptionDispatchInfo.Capture(failure);
            }
            lock (_gate)
            {
                _roundEndedAt = Stopwatch.GetTimestamp();
                _isSettling = Stopwatch.GetElapsedTime(began, _roundEndedAt) >= _lending.Long;
                if (_isSettling) _longAt = _roundEndedAt;
                var isQuiet = _failure is null && !_closed && !_isWantedBack && !_isSettling
                    && _waiting.Count == 0;
                if (isQuiet && wait == 0 && rounds == 1)
                {
                    inputs = Take()!;
                    continue;
                }
                _isLent = false;
                _isAwaited = isQuiet && DueIn(wait + TimerSlack) >= _loopWakesAt;
                // Within the lock: the loop may end and take the event with it.
                if (!_isAwaited) _posted.Set();
                return;
            }
        }
    }

    private bool MayLend()
    {
        var now = Stopwatch.GetTimestamp();
        return _round is not null && Stopwatch.GetElapsedTime(_roundEndedAt, now) >= _lending.Calm
            && (_longAt == 0 || Stopwatch.GetElapsedTime(_longAt, now) >= _lending.Unlent);
    }

    private static long DueIn(int milliseconds) =>
        Stopwatch.GetTimestamp() + (milliseconds * (Stopwatch.Frequency / 1000));

    private bool MayAdd(int bytes) =>
        !_closed && _waiting.Count < maxCount && (_waiting.Count == 0 || _bytes + bytes <= maxBytes);

    private List<NodeInput>? Take()
    {
        if (_closed) return null;
        _taken.Clear();
        (_waiting, _taken) = (_taken, _waiting);
        _bytes = 0;
        return _taken;
    }

    /// <returns>Whether the loop is to be woken.</returns>
    private bool Add(NodeInput input, int bytes)
    {
        _waiting.Add(input);
        _bytes += bytes;
        var wakes = _isAwaited;
        _isAwaited = false;
        return wakes;
    }
}

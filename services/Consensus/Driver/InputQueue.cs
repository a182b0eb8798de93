namespace Muster.Consensus.Driver;

/// <summary>
/// The loop's inputs, bounded in number and bytes, taken all at once: whatever came while the disk synced is
/// one step.
/// </summary>
/// <remarks>
/// An event and not a channel, because the loop is a thread of its own: a starved thread pool must neither
/// delay a heartbeat nor start an election, so neither wake-ups nor timers may run on it. The event is set
/// after the lock is left, and only for a loop that waits: who is woken finds the lock free.
/// </remarks>
internal sealed class InputQueue(int maxCount, long maxBytes) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _posted = new(false);
    private List<NodeInput> _waiting = [];
    private List<NodeInput> _taken = [];
    private long _bytes;
    private bool _closed;
    private bool _isAwaited;

    /// <summary>Adds an input from any thread; false when the queue is full or closed.</summary>
    public bool TryPost(NodeInput input, int bytes)
    {
        bool wakes;
        lock (_gate)
        {
            var isFull = _waiting.Count >= maxCount || (_waiting.Count > 0 && _bytes + bytes > maxBytes);
            if (_closed || isFull) return false;
            wakes = Add(input, bytes);
        }
        if (wakes) _posted.Set();
        return true;
    }

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
            _isAwaited = _waiting.Count == 0 && !_closed && waitMilliseconds > 0;
            if (!_isAwaited) return Take();
        }
        _posted.WaitOne(waitMilliseconds);
        lock (_gate)
        {
            _isAwaited = false;
            return Take();
        }
    }

    /// <summary>Closed before, and its loop ended.</summary>
    public void Dispose() => _posted.Dispose();

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

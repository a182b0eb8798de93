namespace Muster.Consensus.Driver;

/// <summary>
/// The loop's inputs, bounded in number and bytes, taken all at once: whatever came while the disk synced is
/// one step.
/// </summary>
/// <remarks>
/// A monitor and not a channel, because the loop is a thread of its own: a starved thread pool must neither
/// delay a heartbeat nor start an election, so neither wake-ups nor timers may run on it.
/// </remarks>
internal sealed class InputQueue(int maxCount, long maxBytes)
{
    private readonly object _gate = new();
    private List<NodeInput> _waiting = [];
    private List<NodeInput> _taken = [];
    private long _bytes;
    private bool _closed;

    /// <summary>Adds an input from any thread; false when the queue is full or closed.</summary>
    public bool TryPost(NodeInput input, int bytes)
    {
        lock (_gate)
        {
            var isFull = _waiting.Count >= maxCount || (_waiting.Count > 0 && _bytes + bytes > maxBytes);
            if (_closed || isFull) return false;
            Add(input, bytes);
            return true;
        }
    }

    /// <summary>
    /// Adds what must not be lost; its senders bound its number (a connection's ups and downs).
    /// </summary>
    public void Post(NodeInput input)
    {
        lock (_gate)
        {
            if (!_closed) Add(input, 0);
        }
    }

    /// <summary>Ends the loop; nothing is taken any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>
    /// Everything that waits, after waiting for something up to the given time; null when closed. The list is
    /// the caller's until its next call.
    /// </summary>
    public List<NodeInput>? TakeAll(int waitMilliseconds)
    {
        lock (_gate)
        {
            var mustWait = _waiting.Count == 0 && !_closed && waitMilliseconds > 0;
            if (mustWait) Monitor.Wait(_gate, waitMilliseconds);
            if (_closed) return null;
            _taken.Clear();
            (_waiting, _taken) = (_taken, _waiting);
            _bytes = 0;
            return _taken;
        }
    }

    private void Add(NodeInput input, int bytes)
    {
        _waiting.Add(input);
        _bytes += bytes;
        if (_waiting.Count == 1) Monitor.Pulse(_gate);
    }
}

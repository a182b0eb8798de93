namespace Muster.Replication.Core;

/// <summary>
/// The results of one session's numbered commands that the client has not yet confirmed: from <see
/// cref="AnsweredBelow"/> (the client holds every answer below it) up to <see cref="Capacity"/> numbers on.
/// Commands may come in any order within it.
/// </summary>
public sealed class SequenceWindow<TResult>
{
    public const int DefaultCapacity = 4_096;

    private readonly SortedDictionary<long, TResult> _results = [];

    public SequenceWindow(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
    }

    /// <summary>As restored from a snapshot.</summary>
    public SequenceWindow(
        long answeredBelow, IEnumerable<KeyValuePair<long, TResult>> results, int capacity = DefaultCapacity)
        : this(capacity)
    {
        AnsweredBelow = answeredBelow;
        foreach (var (sequence, result) in results)
        {
            Record(sequence, result);
        }
    }

    public int Capacity { get; }

    /// <summary>Only grows.</summary>
    public long AnsweredBelow { get; private set; }

    public int Count => _results.Count;

    /// <summary>What is held, by ascending sequence number.</summary>
    public IEnumerable<KeyValuePair<long, TResult>> Items => _results;

    public CommandLookup<TResult> Find(long sequence)
    {
        if (sequence < AnsweredBelow)
        {
            return new(CommandLookupKind.AlreadyAnswered);
        }
        if (_results.TryGetValue(sequence, out var result))
        {
            return new(CommandLookupKind.Duplicate, result);
        }
        return new(sequence - AnsweredBelow < Capacity ? CommandLookupKind.New : CommandLookupKind.Full);
    }

    /// <summary>
    /// The client holds all answers below this number: forgets them. A lower number than before changes
    /// nothing.
    /// </summary>
    public void RaiseAnsweredBelow(long answeredBelow)
    {
        if (answeredBelow <= AnsweredBelow)
        {
            return;
        }
        AnsweredBelow = answeredBelow;
        foreach (var sequence in _results.Keys.TakeWhile(sequence => sequence < answeredBelow).ToList())
        {
            _results.Remove(sequence);
        }
    }

    /// <exception cref="InvalidOperationException">The number is not <see cref="CommandLookupKind.New"/>: a
    /// machine's fault.</exception>
    public void Record(long sequence, TResult result)
    {
        if (Find(sequence).Kind is not CommandLookupKind.New and var kind)
        {
            throw new InvalidOperationException($"Sequence {sequence} cannot be recorded: it is {kind}.");
        }
        _results.Add(sequence, result);
    }

    /// <summary>
    /// Changes a held result (a queued acquire is granted). False when it is not held any more.
    /// </summary>
    public bool Replace(long sequence, TResult result)
    {
        if (!_results.ContainsKey(sequence))
        {
            return false;
        }
        _results[sequence] = result;
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Muster.Replication.Core;

/// <summary>
/// Remembers the results of commands without a session by command id, each for a fixed span of machine time.
/// The dictionary is only looked up, never walked: the queue gives expiry and enumeration one order on every
/// replica.
/// </summary>
public sealed class CommandIdWindow<TResult>
{
    public const long DefaultWindowMilliseconds = 10 * 60 * 1_000;
    public const int DefaultCapacity = 100_000;

    private readonly Dictionary<string, TResult> _results = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long RecordedAt)> _order = new();
    private long _newest = long.MinValue;

    public CommandIdWindow(
        long windowMilliseconds = DefaultWindowMilliseconds, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(windowMilliseconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        WindowMilliseconds = windowMilliseconds;
        Capacity = capacity;
    }

    /// <summary>As restored from a snapshot: the items as <see cref="Items"/> gave them.</summary>
    public CommandIdWindow(
        IEnumerable<RememberedCommand<TResult>> items, long windowMilliseconds, int capacity)
        : this(windowMilliseconds, capacity)
    {
        foreach (var item in items)
        {
            Record(item.Id, item.RecordedAt, item.Result);
        }
    }

    public long WindowMilliseconds { get; }

    public int Capacity { get; }

    public int Count => _order.Count;

    /// <summary>The machine time at which the oldest is forgotten; null when empty.</summary>
    public long? NextExpiry => _order.TryPeek(out var oldest) ? oldest.RecordedAt + WindowMilliseconds : null;

    /// <summary>Everything remembered, the oldest first.</summary>
    public IEnumerable<RememberedCommand<TResult>> Items =>
        _order.Select(item => new RememberedCommand<TResult>(item.Id, item.RecordedAt, _results[item.Id]));

    /// <summary><see cref="CommandLookupKind.AlreadyAnswered"/> never comes from here.</summary>
    public CommandLookup<TResult> Find(string id) => Find(id, Capacity);

    /// <summary>As <see cref="Find(string)"/>, for one that may use only so many of the places.</summary>
    public CommandLookup<TResult> Find(string id, int places)
    {
        if (_results.TryGetValue(id, out var result))
        {
            return new(CommandLookupKind.Duplicate, result);
        }
        return new(_order.Count < places ? CommandLookupKind.New : CommandLookupKind.Full);
    }

    /// <summary>
    /// When the oldest is forgotten, while one that may use only so many of the places finds none: at rest no
    /// entry would ever move time on to it. Null: it finds one, and forgetting may wait.
    /// </summary>
    public long? NextPlace(int places) => _order.Count < places ? null : NextExpiry;

    public bool TryGetResult(string id, [MaybeNullWhen(false)] out TResult result) =>
        _results.TryGetValue(id, out result);

    /// <summary>Remembers a new command's result from this machine time on.</summary>
    /// <exception cref="InvalidOperationException">It is known, the window is full, or time went back: a
    /// machine's fault.</exception>
    public void Record(string id, long machineTime, TResult result)
    {
        if (machineTime < _newest)
        {
            throw new InvalidOperationException(
                $"Command {id} at {machineTime} is older than one recorded at {_newest}.");
        }
        if (Find(id).Kind is not CommandLookupKind.New and var kind)
        {
            throw new InvalidOperationException($"Command {id} cannot be recorded: it is {kind}.");
        }
        _results.Add(id, result);
        _order.Enqueue((id, machineTime));
        _newest = machineTime;
    }

    /// <summary>
    /// Changes a remembered result (a queued acquire is granted), not its age. False when it is not
    /// remembered.
    /// </summary>
    public bool Replace(string id, TResult result)
    {
        if (!_results.ContainsKey(id))
        {
            return false;
        }
        _results[id] = result;
        return true;
    }

    /// <summary>
    /// Forgets what is as old as the window. Call it with every entry, before looking up. Returns how many.
    /// </summary>
    public int Expire(long machineTime)
    {
        var expired = 0;
        while (_order.TryPeek(out var oldest) && machineTime - oldest.RecordedAt >= WindowMilliseconds)
        {
            _results.Remove(oldest.Id);
            _order.Dequeue();
            expired++;
        }
        return expired;
    }
}

public readonly record struct RememberedCommand<TResult>(string Id, long RecordedAt, TResult Result);

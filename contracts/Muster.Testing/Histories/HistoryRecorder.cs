namespace Muster.Testing;

/// <summary>
/// Records what clients of a running system do and see, from any number of threads. An event's place is taken
/// before the call begins and after it has ended, so recorded intervals hold the real ones, and what is
/// refuted did go wrong.
/// </summary>
/// <param name="time">Where the events' times come from; by default the system's clock.</param>
/// <example><code>
/// using var call = recorder.Invoke(process, "write", "k", 5);
/// await store.WriteAsync("k", 5);      // an exception leaves the outcome unknown
/// call.Ok();
/// </code></example>
public sealed class HistoryRecorder(TimeProvider? time = null)
{
    private const long NanosecondsPerTick = 100;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly long _start = (time ?? TimeProvider.System).GetTimestamp();
    private readonly Lock _gate = new();
    private readonly List<HistoryEvent> _events = [];
    private readonly HashSet<long> _busy = [];

    /// <summary>All events so far, in order.</summary>
    public IReadOnlyList<HistoryEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Records that a process begins an operation. Call it before the operation itself.</summary>
    /// <exception cref="InvalidOperationException">The process has an operation open.</exception>
    public RecordedCall Invoke(long process, string function, Value key = default, Value argument = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        var invoke = new HistoryEvent
        {
            Process = process,
            Type = EventType.Invoke,
            Function = function,
            Key = key,
            Value = argument,
        };
        lock (_gate)
        {
            if (!_busy.Add(process))
            {
                throw new InvalidOperationException($"Process {process} has an operation open.");
            }
            Append(invoke);
        }
        return new RecordedCall(this, invoke);
    }

    /// <summary>
    /// Records that what a process holds ended without it, or may at any time: its lease ran out, an operator
    /// broke it, its holder was killed. Call it when that is known, however late, once for each hold, and for
    /// none that was given back, before the process asks for that key again. It is a giving back of unknown
    /// outcome, from just after the newest operation of the process on that key that was not refused and did
    /// not give it back: then it knew of its hold last.
    /// </summary>
    /// <param name="process">Who held it.</param>
    /// <param name="function">What gives it back: release, or resign.</param>
    /// <param name="key">The object.</param>
    /// <param name="argument">As the giving back would have it: how many permits; by default null.</param>
    /// <exception cref="InvalidOperationException">
    /// The process did nothing to the key so far, or has an operation on it open.
    /// </exception>
    public void Lost(long process, string function, Value key = default, Value argument = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        lock (_gate)
        {
            var newest = _events.FindLastIndex(one => one.Process == process && one.Key == key);
            if (newest >= 0 && _events[newest].Type == EventType.Invoke)
            {
                throw new InvalidOperationException($"Process {process} has an operation open.");
            }
            var last = _events.FindLastIndex(one => one.Process == process && one.Key == key
                && one.Type is (EventType.Ok or EventType.Info)
                && one.Function != function && one.Result != false);
            if (last < 0)
            {
                throw new InvalidOperationException(
                    $"Process {process} has done nothing that it could lose.");
            }
            var invoke = _events[last] with
            {
                Type = EventType.Invoke,
                Function = function,
                Value = argument,
                Result = null,
                Token = null,
            };
            var unknown = invoke with { Type = EventType.Info, Value = Value.Null };
            _events.InsertRange(last + 1, [invoke, unknown]);
        }
    }

    /// <summary>The history so far; what is still open is of unknown outcome.</summary>
    public History ToHistory() => History.Of(Events);

    /// <summary>Writes the history so far as JSON lines, for the command.</summary>
    public void WriteFile(string path)
    {
        using var writer = new StreamWriter(path);
        HistoryWriter.Write(writer, Events);
    }

    internal void Complete(HistoryEvent completion)
    {
        lock (_gate)
        {
            _busy.Remove(completion.Process);
            Append(completion);
        }
    }

    private void Append(HistoryEvent next) => _events.Add(
        next with { Time = _time.GetElapsedTime(_start).Ticks * NanosecondsPerTick });
}

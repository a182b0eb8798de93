using Muster.Contracts;
using Muster.Testing;

namespace Muster.Cluster.Load;

/// <summary>
/// What the workers of a load did with locks, for the checker. Whether a grant was of use is known only when
/// its handle, later, says that it was not lost in between; so its place among the events is taken at once,
/// and filled in then. A lock that was lost counts as an acquire of unknown outcome: when it ended nobody
/// saw.
/// </summary>
public sealed class LockHistory
{
    private const long NanosecondsPerTick = 100;

    private readonly Lock _gate = new();
    private readonly List<(HistoryEvent? Content, long Time)> _events = [];
    private readonly long _start = TimeProvider.System.GetTimestamp();

    public IReadOnlyList<HistoryEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _events.Where(one => one.Content is not null)
                        .Select(one => one.Content! with { Time = one.Time }),
                ];
            }
        }
    }

    /// <summary>Before the acquire is sent.</summary>
    public void Acquires(int worker, string name) => Add(Invoke(worker, "acquire", name));

    /// <summary>It threw.</summary>
    public void AcquireUnknown(int worker) => Add(new() { Process = worker, Type = EventType.Info });

    /// <summary>It returned; see <see cref="Held"/> and <see cref="WasLost"/>.</summary>
    /// <returns>Its place.</returns>
    public int Granted() => Add(null);

    /// <summary>Before the handle is asked a last time whether it is lost.</summary>
    /// <returns>Its place.</returns>
    public int Releasing() => Add(null);

    /// <summary>The handle was not lost when the release's place was taken.</summary>
    public void Held(int worker, string name, FencingToken token, int granted, int releasing)
    {
        Fill(granted, new() { Process = worker, Type = EventType.Ok, Token = token.Value });
        Fill(releasing, Invoke(worker, "release", name));
    }

    /// <summary>It was lost, nobody knows when.</summary>
    public void WasLost(int worker, int granted) =>
        Fill(granted, new() { Process = worker, Type = EventType.Info });

    /// <summary>
    /// The handle is disposed. If the service did not answer, it was released later: the lock was held for
    /// longer than this says, which refutes nothing that is right.
    /// </summary>
    public void Released(int worker) => Add(new() { Process = worker, Type = EventType.Ok });

    private static HistoryEvent Invoke(int worker, string function, string name) =>
        new() { Process = worker, Type = EventType.Invoke, Function = function, Key = name };

    private int Add(HistoryEvent? next)
    {
        lock (_gate)
        {
            _events.Add((next, TimeProvider.System.GetElapsedTime(_start).Ticks * NanosecondsPerTick));
            return _events.Count - 1;
        }
    }

    private void Fill(int place, HistoryEvent content)
    {
        lock (_gate)
        {
            _events[place] = _events[place] with { Content = content };
        }
    }
}

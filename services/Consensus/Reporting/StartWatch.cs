using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Muster.Contracts;

namespace Muster.Consensus.Reporting;

/// <summary>
/// When a node came how far, in milliseconds after its process began; 0: not yet. Reading and connecting go
/// on side by side.
/// </summary>
public sealed record StartTimes
{
    /// <summary>The folder is held, and its file open.</summary>
    public long Opened { get; init; }

    /// <summary>All logs are read and checked.</summary>
    public long Read { get; init; }

    /// <summary>The first connection to the broker.</summary>
    public long Connected { get; init; }

    /// <summary>A member, and a leader known of each group.</summary>
    public long Ready { get; init; }

    /// <summary>Entries that were read.</summary>
    public long Entries { get; init; }
}

/// <summary>Takes the times of a start, from any thread; the first of each kind counts.</summary>
internal sealed class StartWatch(NodeId node, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _began = new(Process.GetCurrentProcess().StartTime);
    private StartTimes _times = new();

    public StartTimes Times
    {
        get { lock (_gate) return _times; }
    }

    public void Opened() => Note(static (times, now) => times with { Opened = now });

    public void Read(long entries) => Note((times, now) => times with { Read = now, Entries = entries });

    public void Connected() =>
        Note(static (times, now) => times.Connected > 0 ? times : times with { Connected = now });

    public void Ready()
    {
        if (Times.Ready > 0) return;
        var times = Note(static (times, now) => times with { Ready = now });
        logger.TakesPart(node, times.Ready, times.Opened, times.Entries, times.Read, times.Connected);
    }

    private StartTimes Note(Func<StartTimes, long, StartTimes> note)
    {
        var now = Math.Max(1, (long)(time.GetUtcNow() - _began).TotalMilliseconds);
        lock (_gate) return _times = note(_times, now);
    }
}

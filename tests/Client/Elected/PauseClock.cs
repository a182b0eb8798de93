using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Muster.Client.Tests.Elected;

/// <summary>Fake time that tells what was waited for: a test need not let it pass on trial.</summary>
internal sealed class PauseClock : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _pauses = new();

    /// <summary>What each timer so far was set to, in order; each is set before it is seen here.</summary>
    public IReadOnlyList<TimeSpan> Pauses => [.. _pauses];

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _pauses.Enqueue(dueTime);
        return timer;
    }
}

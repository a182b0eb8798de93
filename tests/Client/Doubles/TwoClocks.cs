using Microsoft.Extensions.Time.Testing;

namespace Muster.Client.Tests.Doubles;

/// <summary>
/// Fake time whose wall clock can be set apart from the monotonic one, which the timers follow: a suspended
/// machine, or somebody at the clock.
/// </summary>
internal sealed class TwoClocks() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private TimeSpan _apart;

    public void MoveWallClock(TimeSpan by) => _apart += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _apart;

    // The base class reads GetUtcNow for both.
    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}

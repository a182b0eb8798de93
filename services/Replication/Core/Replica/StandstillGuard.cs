namespace Muster.Replication.Core;

/// <summary>
/// Notices that the process stood still: stopped, swapped out, its machine frozen. What it had in hand,
/// sockets included, may by then have been given to another replica, done, and forgotten by the machine;
/// proposed now it would look new and be done again. So for a while after a standstill commands are in doubt:
/// whoever still waits sends them again, under the same ids.
/// </summary>
internal sealed class StandstillGuard(ReplicaOptions options)
{
    private long? _lastStep;
    private long _doubtUntil = long.MinValue;

    /// <summary>
    /// A step begins. Before its inputs are looked at: they may be what had been lying about.
    /// </summary>
    public void Step(long now)
    {
        if (now - _lastStep > options.StandstillMilliseconds)
        {
            // As long again for what still lies in buffers to come in.
            _doubtUntil = now + options.StandstillMilliseconds;
        }
        _lastStep = now;
    }

    public bool IsInDoubt(long now) => now < _doubtUntil;

    /// <summary>An idle replica steps often enough that idleness is not taken for a standstill.</summary>
    public long NextDeadline(long now) => now + Math.Max(1, options.StandstillMilliseconds / 3);
}

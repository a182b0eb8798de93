namespace Muster.Lock.Machine;

/// <summary>
/// The bounds of a lock group. They decide results, so they are part of <see cref="Genesis"/> and never of a
/// replica's own configuration: two replicas with different limits would part ways.
/// </summary>
public sealed record LockLimits
{
    public static LockLimits Default { get; } = new();

    public int MaxSessions { get; init; } = 100_000;

    public int MaxWaitersPerLock { get; init; } = 20_000;

    /// <summary>
    /// Locks that one session holds or waits for, together: a wait is bound to become a hold without asking
    /// again.
    /// </summary>
    public int MaxAcquiresPerSession { get; init; } = 20_000;

    /// <summary>Locks held and waited for in the whole group.</summary>
    public int MaxAcquires { get; init; } = 1_000_000;

    /// <summary>
    /// How far a session's sequence numbers may run ahead of its "answered below". <see
    /// cref="Contracts.Lock.LockQueued"/> is an answer: an acquire that waits needs no place in this window
    /// once the session says that it is answered.
    /// </summary>
    public int MaxOpenCommandsPerSession { get; init; } = 4_096;

    /// <summary>
    /// Results of commands without a sequence number, kept for the command window. A tenth of it is only for
    /// opening and closing sessions, and half of that tenth only for breaking locks and limiting namespaces.
    /// </summary>
    public int MaxKeptCommandIds { get; init; } = 200_000;

    /// <summary>Cancels that overtook their acquires, each kept for the command window.</summary>
    public int MaxTombstonesPerSession { get; init; } = 1_024;

    /// <summary>
    /// Unpublished deliveries above which no new session and no new acquire is taken. What is already there
    /// may still add to them (three for each acquire at most, five for each candidate of an election), so
    /// that releases and expiries never fail.
    /// </summary>
    public int MaxOutbox { get; init; } = 100_000;

    /// <summary>Events kept for catching up; older ones are answered with a full view.</summary>
    public int MaxKeptEvents { get; init; } = 4_096;

    /// <summary>Sessions beyond these in one heartbeat are not renewed and not answered.</summary>
    public int MaxSessionsPerHeartbeat { get; init; } = 1_000;

    internal bool AreValid =>
        MaxSessions > 0 && MaxWaitersPerLock > 0 && MaxAcquiresPerSession > 0 && MaxAcquires > 0
        && MaxOpenCommandsPerSession > 0 && MaxKeptCommandIds > 0 && MaxTombstonesPerSession > 0
        && MaxOutbox > 0 && MaxKeptEvents > 0 && MaxSessionsPerHeartbeat > 0;
}

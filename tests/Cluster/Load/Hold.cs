using Muster.Contracts;

namespace Muster.Cluster.Load;

/// <summary>
/// One lock held by one worker. <see cref="From"/> and <see cref="Until"/> are moments (of one monotonic
/// clock) at which the handle afterwards said that it was not lost: it claims to have held all the time
/// between, however late its thread ran.
/// </summary>
public sealed record Hold(
    string Lock, FencingToken Token, string AcquireId, string Worker, long From, long Until)
{
    /// <summary>The handle reported lost before the worker gave the lock back.</summary>
    public bool WasLost { get; init; }
}

/// <summary>A write that the ledger acknowledged.</summary>
public sealed record AcknowledgedWrite(string Lock, long Id, FencingToken Token);

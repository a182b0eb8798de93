using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// What the history is told: as <see cref="LockHistoryEntry"/> has it, of all names at once, without what
/// only a replica knows. It is no part of the state.
/// </summary>
public sealed record LockFact
{
    public required LockHistoryKind Kind { get; init; }

    public string Cause { get; init; } = "";

    /// <summary>The machine's.</summary>
    public required long Time { get; init; }

    /// <summary>None: about no lock.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public required string SessionId { get; init; }

    public required string Owner { get; init; }

    public string AcquireId { get; init; } = "";

    public string Flow { get; init; } = "";

    public LockMode Mode { get; init; }

    public int Permits { get; init; }

    public bool IsUpgrade { get; init; }

    public FencingToken Token { get; init; }

    public long? DurationMilliseconds { get; init; }

    public int Ahead { get; init; }

    public string CommandId { get; init; } = "";

    public string Reason { get; init; } = "";

    public long? TtlMilliseconds { get; init; }

    public long? SinceRenewalMilliseconds { get; init; }
}

using Muster.Contracts;
using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// Makes a replica the one that executes a plan's present step, if the claim's epoch is still the expected
/// one: of two that claim at once, the first in the log wins.
/// </summary>
public sealed record ClaimRecovery
{
    public string RecoveryId { get; init; } = "";

    public string Replica { get; init; } = "";

    public long ExpectedClaimEpoch { get; init; }
}

/// <summary>
/// A step's result. It counts only from the present claim and for the present step; any other copy changes
/// nothing.
/// </summary>
public sealed record StepDone
{
    public string RecoveryId { get; init; } = "";

    public long ClaimEpoch { get; init; }

    public RecoveryStep Step { get; init; }

    /// <summary>After <see cref="RecoveryStep.Fence"/>: newer than the broken grant.</summary>
    public FencingToken FencingToken { get; init; }
}

using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// A recovery under way: <see cref="RecoveryStep.Fence"/> while the failed primary's lock is not broken, then
/// <see cref="RecoveryStep.Verify"/> while the promoted member has not confirmed. The promotion itself takes
/// no time: it is part of the entry that ends the fence.
/// </summary>
internal sealed class Plan
{
    public required string Id { get; init; }

    public required string Group { get; init; }

    public required string FailedMember { get; init; }

    /// <summary>What the failed member was; its session is the one that is fenced.</summary>
    public required Identity Failed { get; init; }

    /// <summary>Empty: nothing to break.</summary>
    public required string Lock { get; init; }

    public RecoveryStep Step { get; set; }

    /// <summary>Raised by every claim; 0 until the first.</summary>
    public long ClaimEpoch { get; set; }

    public string Claimant { get; set; } = "";

    /// <summary>In machine time; counts during <see cref="RecoveryStep.Verify"/>.</summary>
    public long Deadline { get; set; }

    /// <summary>Promoted in this recovery, and did not confirm.</summary>
    public SortedSet<string> Tried { get; init; } = new(StringComparer.Ordinal);
}

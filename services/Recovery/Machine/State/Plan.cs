using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// What is to be done until a group's primary is one that works: <see cref="RecoveryStep.Fence"/> while a
/// failed primary's lock is not broken, <see cref="RecoveryStep.Verify"/> while the promoted member has not
/// confirmed. The promotion itself takes no time: it is part of the entry that ends the fence. Every
/// promotion is under one; it is a recovery, told by events, once a primary has failed in it.
/// </summary>
internal sealed class Plan
{
    public required string Id { get; set; }

    public required string Group { get; init; }

    /// <summary>The last primary that failed, or did not confirm; empty: none has.</summary>
    public string FailedMember { get; set; } = "";

    /// <summary>What the failed member was; its session is the one that is fenced.</summary>
    public Identity Failed { get; set; } = new("", "", "", "");

    /// <summary>Empty: nothing to break.</summary>
    public string Lock { get; set; } = "";

    public RecoveryStep Step { get; set; }

    /// <summary>How many fences there were with the present one: each breaks another grant.</summary>
    public long Fences { get; set; }

    /// <summary>Raised by every claim and by every fence after the first; 0 until then.</summary>
    public long ClaimEpoch { get; set; }

    /// <summary>Empty: nobody works on the present fence.</summary>
    public string Claimant { get; set; } = "";

    /// <summary>In machine time; counts during <see cref="RecoveryStep.Verify"/>.</summary>
    public long Deadline { get; set; }

    /// <summary>Promoted under this plan, and did not confirm in time.</summary>
    public SortedSet<string> Tried { get; init; } = new(StringComparer.Ordinal);

    public bool IsRecovery => FailedMember.Length > 0;
}

using Muster.Consensus.Core;

namespace Muster.Consensus.Reporting;

/// <summary>An election that this node won.</summary>
/// <param name="At">By this computer's clock.</param>
/// <param name="Group">The group that it leads since.</param>
/// <param name="Term">In this term.</param>
/// <param name="Cause">Why it stood.</param>
public sealed record WonElection(DateTimeOffset At, string Group, long Term, ElectionCause Cause);

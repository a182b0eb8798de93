using Muster.Contracts;

namespace Muster.Lock.Machine;

/// <summary>
/// Founds the group: what no later configuration may change. The first one in the log counts, later ones
/// change nothing; before it every command is refused with <c>NotReady</c>, because a token from a floor of 0
/// could repeat an old one.
/// </summary>
public sealed record Genesis
{
    /// <summary>
    /// Every token of this group is greater. Above all tokens known and above UTC seconds x 2^20 (design rule
    /// 5).
    /// </summary>
    public long TokenFloor { get; init; }

    /// <summary>
    /// How long, in machine time, commands without a session's sequence number are remembered by id.
    /// </summary>
    public long CommandWindowMilliseconds { get; init; } = 600_000;

    public string ClusterId { get; init; } = "";

    public string Group { get; init; } = "";

    public LockLimits Limits { get; init; } = LockLimits.Default;

    internal bool IsValid =>
        TokenFloor is >= 0 and < FencingToken.MaxValue && CommandWindowMilliseconds > 0 && Limits.AreValid;
}

/// <summary>
/// Makes a replica the outbox's publisher, if the epoch is still the expected one: of two replicas that claim
/// at once, the first in the log wins, and the one that was replaced can trim nothing any more.
/// </summary>
public sealed record OutboxClaim
{
    public string Replica { get; init; } = "";

    public long ExpectedEpoch { get; init; }
}

/// <summary>
/// The outbox's owner of this epoch has published all items up to this number; the machine forgets them.
/// </summary>
public sealed record OutboxPublished
{
    public long Epoch { get; init; }

    public long UpTo { get; init; }
}

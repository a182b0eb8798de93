using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// Founds the group: what no later configuration may change. The first one in the log counts, later ones
/// change nothing; before it every command is refused with <c>NotReady</c>, because a token from a floor of 0
/// could repeat an old one.
/// </summary>
public sealed record Genesis
{
    internal const long FirstEpoch = 1;

    /// <summary>
    /// Every token of this group is greater. Above all tokens known and above UTC seconds x 2^20 (design rule
    /// 5).
    /// </summary>
    public long TokenFloor { get; init; }

    /// <summary>
    /// The proposer's UTC milliseconds, so that a group founded anew after its log was lost has a greater
    /// epoch than the lost one. An entry without it is of epoch 1.
    /// </summary>
    public long Epoch { get; init; } = FirstEpoch;

    /// <summary>
    /// How long, in machine time, commands without a session's sequence number are remembered by id.
    /// </summary>
    public long CommandWindowMilliseconds { get; init; } = 600_000;

    public string ClusterId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>
    /// Over how many groups the locks are spread, this one among them: see <see cref="LockGroups"/>. An entry
    /// without it is of one.
    /// </summary>
    public int Groups { get; init; } = 1;

    /// <summary>This one's number, from 0.</summary>
    public int Number { get; init; }

    public LockLimits Limits { get; init; } = LockLimits.Default;

    public TakeoverBounds Takeover { get; init; } = TakeoverBounds.Default;

    internal bool IsValid =>
        TokenFloor is >= 0 and < FencingToken.MaxValue
        && Epoch is >= FirstEpoch and <= LockState.MaxEpoch
        && CommandWindowMilliseconds > 0
        && Takeover.AreValid
        && Groups is >= 1 and <= LockGroups.Most
        && Number >= 0 && Number < Groups
        && Limits.AreValid;
}

/// <summary>
/// What of a takeover's time is the group's and not the session's: stated in grants, kept to by the services.
/// </summary>
public sealed record TakeoverBounds
{
    private const long DefaultElectionMax = 1_000;

    public static TakeoverBounds Default { get; } = new();

    /// <summary>The longest time between two entries while there are deadlines.</summary>
    public long TickMilliseconds { get; init; } = 1_000;

    /// <summary>Of the default election time-outs; see <see cref="For"/>.</summary>
    public long ElectionMilliseconds { get; init; } = 2 * DefaultElectionMax;

    public long CommitMilliseconds { get; init; } = 1_000;

    /// <summary>
    /// For consensus nodes that stand after at most so long: twice that, as the first election may fail.
    /// </summary>
    /// <param name="electionMaxMilliseconds">1 to 60,000; anything else counts as the default.</param>
    public static TakeoverBounds For(long electionMaxMilliseconds) => new()
    {
        ElectionMilliseconds = 2 * (electionMaxMilliseconds is > 0 and <= 60_000
            ? electionMaxMilliseconds
            : DefaultElectionMax),
    };

    internal bool AreValid =>
        TickMilliseconds is > 0 and <= 3_600_000
        && ElectionMilliseconds is > 0 and <= 3_600_000
        && CommitMilliseconds is > 0 and <= 3_600_000;
}

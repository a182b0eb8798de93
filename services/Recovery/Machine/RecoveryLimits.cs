namespace Muster.Recovery.Machine;

/// <summary>
/// The bounds of a recovery group. They decide results, so they are part of <see cref="Genesis"/>: a
/// replica's configuration counts when it founds the group, and never again. The defaults together keep a
/// snapshot, packed, below what a backup carries (6 MiB) with names of a usual length.
/// </summary>
public sealed record RecoveryLimits
{
    public static RecoveryLimits Default { get; } = new();

    /// <summary>Standby groups.</summary>
    public int MaxGroups { get; init; } = 1_000;

    public int MaxMembersPerGroup { get; init; } = 64;

    /// <summary>Members of all groups.</summary>
    public int MaxMembers { get; init; } = 2_000;

    /// <summary>Of one group. 256 KiB.</summary>
    public int MaxStateBytes { get; init; } = 256 * 1024;

    /// <summary>Of all groups. 4 MiB.</summary>
    public long MaxTotalStateBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Results of commands kept for the command window: <see cref="KeptCommandIdsOf"/>. State writes and
    /// version reports are not among them: see <see cref="MaxKeptWrites"/>.
    /// </summary>
    public int MaxKeptCommandIds { get; init; } = KeptCommandIdsOf(2_000);

    /// <summary>
    /// The newest writes of a group that a repeat finds again; an older one is a version mismatch, which it
    /// would have been anyway.
    /// </summary>
    public int MaxKeptWrites { get; init; } = 16;

    /// <summary>Nodes whose last verdict is kept; those with members are never forgotten.</summary>
    public int MaxNodes { get; init; } = 4_000;

    /// <summary>Unpublished events above which no new command that makes one is taken.</summary>
    public int MaxOutbox { get; init; } = 2_000;

    /// <summary>Events kept for catching up.</summary>
    public int MaxKeptEvents { get; init; } = 1_024;

    /// <summary>
    /// All members start anew within one window, and each of them leaves, which takes two, joins, changes its
    /// session and sets its group's policy.
    /// </summary>
    public static int KeptCommandIdsOf(int members) => Math.Max(4_096, 6 * members);

    internal bool AreValid =>
        MaxGroups > 0 && MaxMembersPerGroup > 0 && MaxMembers > 0 && MaxStateBytes > 0
        && MaxTotalStateBytes >= MaxStateBytes && MaxKeptCommandIds > 0 && MaxKeptWrites > 0
        && MaxNodes > MaxMembers && MaxOutbox > 0 && MaxKeptEvents > 0;
}

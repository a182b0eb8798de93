namespace Muster.Contracts.Recovery;

/// <summary>
/// Writes the group's state through the log. Only the primary of the group's present epoch may, and only over
/// the version it names: a former primary's write is refused. Answer: <see cref="StateWritten"/>, <see
/// cref="RecoveryRefused"/> or <see cref="RecoveryUnknown"/>.
/// </summary>
public sealed record UpdateState
{
    /// <summary>
    /// New for each write and the same in its repeats: 1 to 128 characters. A repeat among the group's newest
    /// 16 writes is answered alike and done once; a later one is refused, and the refusal says that it may be
    /// done (<see cref="RecoveryRefused.MayBeDone"/>). Empty in a message of its own: that message's id
    /// counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Who writes; refused (NotPrimary) unless it is the primary.</summary>
    public string Member { get; init; } = "";

    /// <summary>
    /// The epoch in which it became the primary; refused (NotPrimary) unless it is the group's present one.
    /// </summary>
    public long GroupEpoch { get; init; }

    /// <summary>The version that it replaces, else refused (VersionMismatch); 0 for the first.</summary>
    public long ExpectedVersion { get; init; }

    /// <summary>At most 256 KiB, and all groups' together 4 MiB by default.</summary>
    public byte[] State { get; init; } = [];

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The state is written, on a majority's disks.</summary>
public sealed record StateWritten
{
    /// <summary>The id of the write that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>The version that it got: one above <see cref="UpdateState.ExpectedVersion"/>.</summary>
    public long StateVersion { get; init; }

    /// <inheritdoc cref="RecoveryAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// The group and its state, read linearizably: every acknowledged write is in it. Answer: <see
/// cref="StateRecovered"/>, refused (GroupUnknown) or unknown.
/// </summary>
public sealed record RecoverState
{
    /// <summary>
    /// Names the query in its answer; any text. Empty in a message of its own: that message's id counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="RecoverState"/>.</summary>
public sealed record StateRecovered
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The group, and with <see cref="StandbyGroup.StateVersion"/> which version the state is.
    /// </summary>
    public StandbyGroup Group { get; init; } = new();

    /// <summary>The newest write; empty when nothing was written yet, or an empty state was.</summary>
    public byte[] State { get; init; } = [];

    /// <inheritdoc cref="RecoveryAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

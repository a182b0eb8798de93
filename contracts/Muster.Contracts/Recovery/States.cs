namespace Muster.Contracts.Recovery;

/// <summary>
/// Writes the group's state through the log. Only the primary of the group's present epoch may, and only over
/// the version it names: a former primary's write is refused. Answer: <see cref="StateWritten"/>, <see
/// cref="RecoveryRefused"/> or <see cref="RecoveryUnknown"/>.
/// </summary>
public sealed record UpdateState
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public string Member { get; init; } = "";

    public long GroupEpoch { get; init; }

    /// <summary>The version that it replaces; 0 for the first.</summary>
    public long ExpectedVersion { get; init; }

    /// <summary>At most 256 KiB.</summary>
    public byte[] State { get; init; } = [];

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record StateWritten
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public long StateVersion { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// The group and its state, read linearizably: every acknowledged write is in it. Answer: <see
/// cref="StateRecovered"/>, refused (GroupUnknown) or unknown.
/// </summary>
public sealed record RecoverState
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record StateRecovered
{
    public string CommandId { get; init; } = "";

    public StandbyGroup Group { get; init; } = new();

    public byte[] State { get; init; } = [];

    public Freshness Freshness { get; init; } = new();
}

namespace Muster.Replication.Core;

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

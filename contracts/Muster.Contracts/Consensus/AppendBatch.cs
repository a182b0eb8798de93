namespace Muster.Contracts.Consensus;

/// <summary>
/// What one step of a node's loop has for one peer of <see cref="AppendEntries"/> and answers to them, of all
/// groups: so nodes exchange one heartbeat, however many groups they keep. Its first eight properties are
/// those of <see cref="PeerMessage"/> and hold for each message in it, whose own are not looked at.
/// </summary>
/// <remarks>
/// Nodes write it in the content type <see cref="BinaryContentType"/>, which contracts/README.md describes,
/// and read that and bare JSON.
/// </remarks>
public sealed record AppendBatch
{
    /// <summary>The <c>content_type</c> of the binary form.</summary>
    public const string BinaryContentType = "application/vnd.muster.appends";

    /// <inheritdoc cref="PeerMessage.ClusterId"/>
    public string ClusterId { get; init; } = "";

    /// <inheritdoc cref="PeerMessage.From"/>
    public NodeId From { get; init; }

    /// <inheritdoc cref="PeerMessage.To"/>
    public NodeId To { get; init; }

    /// <inheritdoc cref="PeerMessage.DiskId"/>
    public string DiskId { get; init; } = "";

    /// <inheritdoc cref="PeerMessage.LogId"/>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="PeerMessage.StartId"/>
    public string StartId { get; init; } = "";

    /// <inheritdoc cref="PeerMessage.Protocol"/>
    public int Protocol { get; init; }

    /// <inheritdoc cref="PeerMessage.Incarnation"/>
    public string Incarnation { get; init; } = "";

    /// <summary>The answers come first, and each kind is in the order in which it was sent.</summary>
    public IReadOnlyList<AppendEntriesReply> Answers { get; init; } = [];

    /// <summary>
    /// Of the groups that the sender leads. With the answers at most 1,000 and 256 KiB; one that is larger
    /// comes alone.
    /// </summary>
    public IReadOnlyList<AppendEntries> Requests { get; init; } = [];
}

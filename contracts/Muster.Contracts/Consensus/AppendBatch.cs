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
    public const string BinaryContentType = "application/vnd.muster.appends";

    public string ClusterId { get; init; } = "";

    public NodeId From { get; init; }

    public NodeId To { get; init; }

    public string DiskId { get; init; } = "";

    public string LogId { get; init; } = "";

    public string StartId { get; init; } = "";

    public int Protocol { get; init; }

    public string Incarnation { get; init; } = "";

    /// <summary>The answers come first, and each kind is in the order in which it was sent.</summary>
    public IReadOnlyList<AppendEntriesReply> Answers { get; init; } = [];

    public IReadOnlyList<AppendEntries> Requests { get; init; } = [];
}

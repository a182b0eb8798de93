namespace Muster.Contracts.Consensus;

/// <summary>
/// Asks the leader of a group to hand its leadership over (dissertation, section 3.10): it lets the successor
/// catch up, takes no entries meanwhile, and tells it to stand at once. Proposals wait some milliseconds.
/// Answer, after the successor was heard as leader: <see cref="LeadershipTransferred"/>; otherwise
/// <see cref="ConsensusRefused"/>, with <see cref="ConsensusRefusal.NotTransferred"/> when the successor did
/// not lead within the longest election timeout.
/// </summary>
public sealed record TransferLeadership
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the sender follows; a node of another one refuses with
    /// <see cref="ConsensusRefusal.OtherLog"/>. Empty: any.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="ReadEntries.RequestId"/>
    public string RequestId { get; init; } = "";

    /// <summary>
    /// Who shall lead. None: of the followers that were heard just now, the one with the longest log.
    /// </summary>
    public NodeId To { get; init; }
}

/// <summary>A group has a leader after a transfer; it may be another than was asked for.</summary>
public sealed record LeadershipTransferred
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <summary>That of the <see cref="TransferLeadership"/> that it answers.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>Who leads now.</summary>
    public NodeId Leader { get; init; }

    /// <summary>The term that it leads in; the present one where the asked node leads already.</summary>
    public Term Term { get; init; }
}

namespace Muster.Contracts.Consensus;

/// <summary>
/// Asks the leader for an index that holds everything acknowledged before the question (dissertation,
/// section 6.4). Answer: <see cref="ReadIndexFound"/> or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record ReadIndex
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

    /// <inheritdoc cref="ProposeEntries.Protocol"/>
    public int Protocol { get; init; }
}

/// <summary>A majority has confirmed the leader after the question came.</summary>
public sealed record ReadIndexFound
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <summary>That of the <see cref="ReadIndex"/> that it answers.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>A replica that has applied up to here reads linearizably.</summary>
    public LogIndex Index { get; init; }

    /// <summary>The term of the leader that was confirmed.</summary>
    public Term Term { get; init; }

    /// <summary>The form of the message, as <see cref="ProposeEntries.Protocol"/>.</summary>
    public int Protocol { get; init; }
}

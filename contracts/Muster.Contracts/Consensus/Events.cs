namespace Muster.Contracts.Consensus;

/// <summary>
/// Committed entries of a group, published once to all its replicas; without entries it repeats the commit
/// index, so that a lost last message is noticed. Gaps are filled with <see cref="ReadEntries"/>.
/// </summary>
public sealed record EntriesCommitted
{
    /// <inheritdoc cref="PeerMessage.ClusterId"/>
    public string ClusterId { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Who publishes it; proposals and reads go to its inbox.</summary>
    public NodeId Leader { get; init; }

    /// <summary>The leader's term.</summary>
    public Term Term { get; init; }

    /// <summary>
    /// In order and without a gap, payloads of about 512 KiB together or one larger entry. Empty: the index
    /// alone, or so much became committed at once (4 MiB) that replicas read it themselves.
    /// </summary>
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>
    /// All up to here is committed. A replica that is behind it after these entries reads what it lacks.
    /// </summary>
    public LogIndex CommitIndex { get; init; }

    /// <summary>The form of the message, as <see cref="ProposeEntries.Protocol"/>.</summary>
    public int Protocol { get; init; }
}

/// <summary>
/// A node became leader of a group and has committed an entry of its term;
/// replicas resend what is unanswered.
/// </summary>
public sealed record LeaderElected
{
    /// <inheritdoc cref="PeerMessage.ClusterId"/>
    public string ClusterId { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Who leads from this term on; its inbox is <c>consensus.NODE</c>.</summary>
    public NodeId Leader { get; init; }

    /// <summary>The term that it leads in; a word of an earlier term that comes later is old.</summary>
    public Term Term { get; init; }

    /// <summary>The form of the message, as <see cref="ProposeEntries.Protocol"/>.</summary>
    public int Protocol { get; init; }
}

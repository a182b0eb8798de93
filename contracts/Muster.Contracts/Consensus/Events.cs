namespace Muster.Contracts.Consensus;

/// <summary>
/// Committed entries of a group, published once to all its replicas; without entries it repeats the commit
/// index, so that a lost last message is noticed. Gaps are filled with <see cref="ReadEntries"/>.
/// </summary>
public sealed record EntriesCommitted
{
    public string ClusterId { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    public string Group { get; init; } = "";

    public NodeId Leader { get; init; }

    public Term Term { get; init; }

    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    public LogIndex CommitIndex { get; init; }
}

/// <summary>
/// A node became leader of a group and has committed an entry of its term;
/// replicas resend what is unanswered.
/// </summary>
public sealed record LeaderElected
{
    public string ClusterId { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    public string Group { get; init; } = "";

    public NodeId Leader { get; init; }

    public Term Term { get; init; }
}

namespace Muster.Contracts.Consensus;

/// <summary>
/// Asks the leader for an index that holds everything acknowledged before the question (dissertation,
/// section 6.4). Answer: <see cref="ReadIndexFound"/> or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record ReadIndex
{
    public string Group { get; init; } = "";

    public string RequestId { get; init; } = "";
}

public sealed record ReadIndexFound
{
    public string Group { get; init; } = "";

    public string RequestId { get; init; } = "";

    /// <summary>A replica that has applied up to here reads linearizably.</summary>
    public LogIndex Index { get; init; }

    public Term Term { get; init; }
}

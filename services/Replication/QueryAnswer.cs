using Muster.Contracts;

namespace Muster.Replication;

/// <summary>
/// The answer to a linearizable read: a result as of <see cref="Index"/>, which holds everything acknowledged
/// before the question, or unknown, the default (no leader in time, or the replica stopped).
/// </summary>
public readonly record struct QueryAnswer<TResult>
{
    public bool IsKnown { get; init; }

    public TResult? Result { get; init; }

    /// <summary>The last entry in the machine when the query ran.</summary>
    public LogIndex Index { get; init; }
}

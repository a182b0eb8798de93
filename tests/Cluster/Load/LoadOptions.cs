namespace Muster.Cluster.Load;

public sealed record LoadOptions
{
    /// <summary>Clients, each with a session and connections of its own.</summary>
    public int Clients { get; init; } = 3;

    public int WorkersPerClient { get; init; } = 3;

    /// <summary>Fewer than workers, so that most acquires wait for one another.</summary>
    public int Locks { get; init; } = 4;

    /// <summary>Short, so that a lost session's locks pass on within a test.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(3);
}

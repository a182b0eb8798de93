using System.Text.Json;

namespace Muster.Cluster;

/// <summary>Of a consensus node's status: the elections that it won, and what held it up.</summary>
public sealed record NodeTroubles(IReadOnlyList<NodeElection> Elections, IReadOnlyList<NodeStall> Stalls)
{
    public static async Task<NodeTroubles> AskAsync(Service service) =>
        (await service.StatusAsync("consensus."))?.Deserialize<NodeTroubles>(JsonSerializerOptions.Web)
        ?? new([], []);
}

public sealed record NodeElection(DateTimeOffset At, string Group, long Term, string Cause);

public sealed record NodeStall(string Kind, DateTimeOffset From, long Milliseconds)
{
    public TimeSpan Length => TimeSpan.FromMilliseconds(Milliseconds);
}

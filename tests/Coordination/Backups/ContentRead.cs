using Muster.Contracts;
using Shouldly;

namespace Muster.Coordination.Tests.Backups;

/// <summary>
/// What a test has written to the cluster, as it is read back: by the services themselves, linearizably,
/// as one text each.
/// </summary>
internal sealed record ContentRead
{
    /// <summary>Keys, values and versions.</summary>
    public required string Configuration { get; init; }

    /// <summary>By key.</summary>
    public required IReadOnlyDictionary<string, string> Keys { get; init; }

    /// <summary>Ids and addresses of the service's instances.</summary>
    public required string Instances { get; init; }

    /// <summary>The standby group's state and its version, and who leads.</summary>
    public required string State { get; init; }

    /// <summary>The token of a lock that was taken for this read.</summary>
    public required FencingToken Token { get; init; }

    /// <summary>The epoch of the service's view.</summary>
    public required long ViewEpoch { get; init; }

    public bool Same(ContentRead other) =>
        (Configuration, Instances, State) == (other.Configuration, other.Instances, other.State);

    /// <summary>Read from what came after a wipe or a restore: tokens and epochs only grow.</summary>
    public void ShouldBeLaterThan(ContentRead other)
    {
        Token.ShouldBeGreaterThan(other.Token);
        ViewEpoch.ShouldBeGreaterThan(other.ViewEpoch);
    }
}

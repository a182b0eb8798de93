using Muster.Client;
using Muster.Locking;
using Xunit;

namespace Muster.Host.Tests.Locks;

/// <summary>Elections of the embedded host.</summary>
public sealed class EmbeddedElectionTests(OneGroup cluster) : ElectionSuite, IClassFixture<OneGroup>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));
}

/// <summary>The same over four groups.</summary>
public sealed class FourGroupsElectionTests(FourGroups cluster) : ElectionSuite, IClassFixture<FourGroups>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));
}

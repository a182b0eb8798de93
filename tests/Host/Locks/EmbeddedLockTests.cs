using Muster.Client;
using Muster.Locking;
using Xunit;

namespace Muster.Host.Tests.Locks;

/// <summary>Locks of the embedded host.</summary>
public sealed class EmbeddedLockTests(EmbeddedCluster cluster) : LockSuite, IClassFixture<EmbeddedCluster>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));
}

/// <summary>The same through DistributedLock's interfaces.</summary>
public sealed class EmbeddedDistributedLockTests(EmbeddedCluster cluster)
    : DistributedLockSuite, IClassFixture<EmbeddedCluster>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));
}

using Muster.Client;
using Muster.Locking;
using Xunit;

namespace Muster.Host.Tests.Locks;

/// <summary>Locks of the embedded host.</summary>
public sealed class EmbeddedLockTests(OneGroup cluster) : LockSuite, IClassFixture<OneGroup>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));
}

/// <summary>The same over four groups.</summary>
public sealed class FourGroupsLockTests(FourGroups cluster) : LockSuite, IClassFixture<FourGroups>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));
}

/// <summary>The same through DistributedLock's interfaces.</summary>
public sealed class EmbeddedDistributedLockTests(OneGroup cluster)
    : DistributedLockSuite, IClassFixture<OneGroup>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));
}

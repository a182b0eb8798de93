using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Muster.Locking;
using Xunit;

namespace Muster.Coordination.Tests.Locks;

/// <summary>Locks of separate processes over RabbitMQ.</summary>
public sealed class RabbitLockTests(RabbitLockTests.OneGroup stack)
    : LockSuite, IClassFixture<RabbitLockTests.OneGroup>
{
    protected override async Task<MusterClient> ConnectAsync(string owner) =>
        (await stack.WholeAsync()).NewClient(owner);

    public sealed class OneGroup(BrokerFixture brokers) : Stack(brokers, new ClusterOptions());
}

/// <summary>The same through DistributedLock's interfaces.</summary>
public sealed class RabbitDistributedLockTests(RabbitLockTests.OneGroup stack)
    : DistributedLockSuite, IClassFixture<RabbitLockTests.OneGroup>
{
    protected override async Task<MusterClient> ConnectAsync(string owner) =>
        (await stack.WholeAsync()).NewClient(owner);
}

/// <summary>The same over four groups.</summary>
public sealed class RabbitFourGroupsLockTests(LockGroupsTests.FourGroups stack)
    : LockSuite, IClassFixture<LockGroupsTests.FourGroups>
{
    protected override async Task<MusterClient> ConnectAsync(string owner) =>
        (await stack.WholeAsync()).NewClient(owner);
}

/// <summary>The same over four groups, through DistributedLock's interfaces.</summary>
public sealed class RabbitFourGroupsDistributedLockTests(LockGroupsTests.FourGroups stack)
    : DistributedLockSuite, IClassFixture<LockGroupsTests.FourGroups>
{
    protected override async Task<MusterClient> ConnectAsync(string owner) =>
        (await stack.WholeAsync()).NewClient(owner);
}

using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Locks;

/// <summary>A client of nothing but its options, as where there is no container.</summary>
public sealed class OwnLinksTests(RabbitLockTests.OneGroup stack) : IClassFixture<RabbitLockTests.OneGroup>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_acquires_and_frees_what_it_holds_when_it_is_disposed()
    {
        var cluster = await stack.WholeAsync();
        var first = new MusterClient(OptionsOf(cluster, "first"));
        await using var second = new MusterClient(OptionsOf(cluster, "second"));
        var held = await first.Locks.AcquireAsync("own-links", MusterCluster.Patience, Cancellation);
        held.IsLost.ShouldBeFalse();
        (await second.Locks.TryAcquireAsync("own-links", cancellationToken: Cancellation)).ShouldBeNull();

        await first.DisposeAsync();

        await using var next = await second.Locks.AcquireAsync(
            "own-links", MusterCluster.Patience, Cancellation);
        next.FencingToken.ShouldBeGreaterThan(held.FencingToken);
        first.IsConnected.ShouldBeFalse();
    }

    // Its TTL is above the patience: only a session that was closed frees the lock in time.
    private static MusterOptions OptionsOf(MusterCluster cluster, string name) => new()
    {
        Bus = cluster.ApplicationUri,
        Cluster = cluster.Name,
        Owner = name,
        Node = name,
        SessionTtl = 2 * MusterCluster.Patience,
        CrashRelease = false,
    };
}

using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>Ten thousand waiters on one lock, over the bus, as bare batches.</summary>
public sealed class CrowdTests(BrokerFixture brokers, SharedCluster shared)
{
    private const int Waiters = 10_000;
    private const int BatchSize = 1_000;
    private const string Crowded = "crowd/one";

    /// <summary>
    /// A release and the next grant of another lock, on a computer that does everything at once.
    /// </summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_waiters_on_one_lock_do_not_delay_a_release_on_another()
    {
        var cluster = await shared.WholeAsync(brokers);
        await using var client = cluster.NewClient("bystander");
        await using var bare = await BareClient.ConnectAsync(cluster);
        await using var crowded = await client.Locks.AcquireAsync(Crowded, cancellationToken: Cancellation);
        var other = await client.Locks.AcquireAsync("crowd/other", cancellationToken: Cancellation);
        (await bare.AskAsync(new OpenSession
        {
            CommandId = bare.SessionId,
            SessionId = bare.SessionId,
            TtlMilliseconds = 120_000,
        })).Read<SessionOpened>();

        for (var from = 0; from < Waiters; from += BatchSize)
        {
            await bare.PublishAsync(typeof(LockCommandBatch), BusJson.Write(Batch(bare, from)), "crowd");
        }
        await Until.TrueAsync(
            async () => (await client.Locks.DescribeAsync(Crowded, Cancellation)).WaiterCount == Waiters,
            MusterCluster.Patience, () => $"{Waiters} waiters");

        var waiting = client.Locks.AcquireAsync("crowd/other", cancellationToken: Cancellation).AsTask();
        var started = TimeProvider.System.GetTimestamp();
        await other.DisposeAsync();
        await using var next = await waiting.WaitAsync(
            MusterCluster.Patience, TimeProvider.System, Cancellation);
        var took = TimeProvider.System.GetElapsedTime(started);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"release and next grant beside {Waiters} waiters: {took.TotalMilliseconds:F0} ms");
        took.ShouldBeLessThan(Soon);
        var close = new CloseSession { CommandId = bare.SessionId + "-close", SessionId = bare.SessionId };
        (await bare.AskAsync(close))
            .Read<SessionClosed>();
        (await client.Locks.DescribeAsync(Crowded, Cancellation)).WaiterCount.ShouldBe(0);
    }

    private static LockCommandBatch Batch(BareClient bare, int from) => new()
    {
        Commands =
        [
            .. Enumerable.Range(from, BatchSize).Select(number => new LockCommand
            {
                AcquireLock = new AcquireLock
                {
                    CommandId = $"{bare.SessionId}-{number}", SessionId = bare.SessionId, Name = Crowded,
                    WaitMilliseconds = 600_000,
                },
            }),
        ],
    };
}

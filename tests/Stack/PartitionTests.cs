using Muster.Broker;
using Muster.Worker;
using Shouldly;
using Xunit;

namespace Muster.Stack.Tests;

/// <summary>
/// One container is cut off from the network, with every connection left to find that out by itself, and
/// healed: a consensus node, a lock replica, a client.
/// </summary>
public sealed class PartitionTests(ComposeStack stack)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData("consensus-2")]
    [InlineData("lock-2")]
    public async Task The_demo_passes_its_audit_while_a_service_is_cut_off_which_says_so(string service)
    {
        var compose = await stack.HealthyAsync();
        await compose.WaitForAsync(service, isReady: true, Patience);
        await using var demo = new StackDemo(stack);
        await demo.IsUnderWayAsync();

        await compose.CutOffAsync(service);
        try
        {
            await demo.PassesAsync();
            // Nothing tells it but silence: two AMQP heartbeats of 10 s, and the demo may be over sooner.
            var text = await compose.WaitForAsync(service, isReady: false, Patience);
            TestContext.Current.TestOutputHelper?.WriteLine($"{service}, cut off, says: {text.Trim()}");
        }
        finally
        {
            await compose.HealAsync(service);
        }

        await compose.WaitForAsync(service, isReady: true, Patience);
    }

    [Fact]
    public async Task A_client_cut_off_knows_that_its_lock_is_lost_before_another_has_it_and_writes_nothing()
    {
        var compose = await stack.HealthyAsync();
        var folder = Scratch.NewFolder("cut-client");
        await using var first = await ContainerWorker.StartAsync(
            compose, folder, Settings("first", hold: TimeSpan.FromSeconds(15), rounds: 2));
        var before = await first.FirstAsync(WorkerAct.Held, Patience);
        await using var second = await ContainerWorker.StartAsync(
            compose, folder, Settings("second", hold: TimeSpan.Zero, rounds: 5));
        await second.FirstAsync(WorkerAct.Started, Patience);

        await first.CutOffAsync();
        var lost = await first.FirstAsync(WorkerAct.Lost, Patience);
        var after = await second.FirstAsync(WorkerAct.Held, Patience);
        await second.FirstAsync(WorkerAct.Finished, Patience);
        var refused = await first.FirstAsync(WorkerAct.Refused, Patience);
        await first.HealAsync();
        await first.FirstAsync(WorkerAct.Finished, Patience);

        string.CompareOrdinal(lost.At, after.At).ShouldBeLessThan(0, $"{lost}\n{after}");
        after.Line.Token.ShouldBeGreaterThan(before.Line.Token);
        refused.Line.Token.ShouldBe(before.Line.Token, "the late write is that of the cut-off holder");
        (await second.LinesAsync(WorkerAct.Written)).Count.ShouldBe(5);
        (await first.LinesAsync(WorkerAct.Written)).ShouldHaveSingleItem().Line.Token
            .ShouldBeGreaterThan(after.Line.Token, "healed by itself, it takes its turn again");
    }

    private static WorkerSettings Settings(string name, TimeSpan hold, int rounds) => new(
        name, ComposeStack.BrokerInside, ComposeStack.ClusterName,
        ContainerWorker.LedgerFolder + "/ledger.db", "partition/client", Ttl, hold, rounds);
}

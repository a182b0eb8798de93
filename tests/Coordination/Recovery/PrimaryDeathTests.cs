using Muster.Broker;
using Muster.Cluster;
using Muster.Contracts.Recovery;
using Muster.Worker;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Recovery;

/// <summary>
/// The primary of a hot standby group, which updates the group's state as fast as it can, dies or stands
/// still.
/// </summary>
public sealed class PrimaryDeathTests(PrimaryDeathTests.RecoveryStack stack)
    : IClassFixture<PrimaryDeathTests.RecoveryStack>
{
    [Fact]
    public async Task A_standby_follows_a_killed_primary_and_no_acknowledged_update_is_lost_or_doubled()
    {
        const string Group = "killed";
        var cluster = await stack.WholeAsync();
        await using var first = await StartPrimaryAsync(cluster, "killed-1", Group);
        await using var second = await WorkerProcess.StartStandbyAsync(
            cluster, "killed-2", Group, TimeSpan.Zero);
        var held = await WorkerProcess.NextAsync(first, StandbyAct.Held);
        await MoreUpdatesAsync(first, 50);

        first.Kill9();
        var started = TimeProvider.System.GetTimestamp();

        var promoted = await WorkerProcess.NextAsync(second, StandbyAct.Promoted);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"promoted {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:F0} ms after kill -9, "
            + $"at version {promoted.Version}");
        promoted.GroupEpoch.ShouldBe(held.GroupEpoch + 1);
        promoted.Token.ShouldBeGreaterThan(held.Token, "the fence is above the dead primary's token");
        (await WorkerProcess.NextAsync(second, StandbyAct.Held)).Token
            .ShouldBeGreaterThanOrEqualTo(promoted.Token);
        var acknowledged = Versions(first);
        promoted.Version.ShouldBeInRange(acknowledged[^1], acknowledged[^1] + 1, "one may be in flight");
        await MoreUpdatesAsync(second, 50);
        second.Kill9();
        await NothingIsLostOrDoubledAsync(cluster, Group, first, second);
    }

    [Fact]
    public async Task A_primary_that_stood_still_is_refused_when_it_goes_on()
    {
        const string Group = "stood";
        var cluster = await stack.WholeAsync();
        await using var first = await StartPrimaryAsync(cluster, "stood-1", Group);
        await using var second = await WorkerProcess.StartStandbyAsync(
            cluster, "stood-2", Group, TimeSpan.Zero);
        var held = await WorkerProcess.NextAsync(first, StandbyAct.Held);
        await MoreUpdatesAsync(first, 20);

        first.Pause();
        var promoted = await WorkerProcess.NextAsync(second, StandbyAct.Promoted);
        await MoreUpdatesAsync(second, 20);
        first.Resume();

        var refused = await WorkerProcess.NextAsync(first, StandbyAct.Refused);
        refused.Reason.ShouldBe(nameof(RecoveryRefusal.NotPrimary));
        refused.GroupEpoch.ShouldBe(held.GroupEpoch);
        refused.Token.ShouldBeLessThan(promoted.Token, "its lock is dead");
        var late = await Stack.AskAsync(cluster, new UpdateState
        {
            CommandId = Guid.NewGuid().ToString("N"),
            Group = Group,
            Member = first.Name,
            GroupEpoch = held.GroupEpoch,
            ExpectedVersion = (await RecoverAsync(cluster, Group)).Group.StateVersion,
            State = [1],
        });
        late.Read<RecoveryRefused>().Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        second.Kill9();
        first.Kill9();
        await NothingIsLostOrDoubledAsync(cluster, Group, first, second);
    }

    private static async Task<ServiceProcess> StartPrimaryAsync(
        MusterCluster cluster, string name, string group)
    {
        var process = await WorkerProcess.StartStandbyAsync(cluster, name, group, TimeSpan.Zero);
        await WorkerProcess.NextAsync(process, StandbyAct.Acknowledged);
        return process;
    }

    private static Task MoreUpdatesAsync(ServiceProcess process, int more)
    {
        var before = Versions(process).Count;
        return Until.TrueAsync(
            () => Versions(process).Count >= before + more, MusterCluster.Patience,
            () => $"{more} more updates of {process.Name}, {Versions(process).Count - before} so far");
    }

    private static List<long> Versions(ServiceProcess process) =>
        [.. WorkerProcess.Lines(process, StandbyAct.Acknowledged).Select(line => line.Version)];

    private static async Task<StateRecovered> RecoverAsync(MusterCluster cluster, string group) =>
        (await Stack.AskAsync(
            cluster, new RecoverState { CommandId = Guid.NewGuid().ToString("N"), Group = group }))
        .Read<StateRecovered>();

    /// <summary>
    /// Every version is one update, every acknowledged one is there, and beside them at most the one that
    /// each process had in flight when it was killed.
    /// </summary>
    private static async Task NothingIsLostOrDoubledAsync(
        MusterCluster cluster, string group, params ServiceProcess[] members)
    {
        // What a killed process had sent may still be on its way.
        StateRecovered recovered = await RecoverAsync(cluster, group);
        var state = StandbyState.Read(recovered.State);
        state.Total.ShouldBe(recovered.Group.StateVersion, "each version is one update");
        var all = new List<long>();
        foreach (var member in members)
        {
            var versions = Versions(member);
            versions.ShouldBe([.. Enumerable.Range(0, versions.Count).Select(i => versions[0] + i)]);
            state.Updates[member.Name].ShouldBeInRange(versions.Count, versions.Count + 1, member.Name);
            all.AddRange(versions);
        }
        all.ShouldBeUnique();
        all.Max().ShouldBeLessThanOrEqualTo(recovered.Group.StateVersion);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{all.Count} acknowledged updates, {recovered.Group.StateVersion} in the log");
    }

    public sealed class RecoveryStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Detectors = 3, Recoveries = 2 });
}

using System.Collections.Concurrent;
using Muster.Contracts.Recovery;
using Muster.Recovery.Executing;
using Shouldly;
using Xunit;

namespace Muster.Recovery.Tests;

public sealed class FailoverTests
{
    public static TheoryData<string> Points => [.. ExecutionPoints.All];

    [Fact]
    public async Task A_failed_primary_is_fenced_followed_and_refused()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await cluster.StartReplicaAsync("second");
        var token = await cluster.FormAsync();

        await cluster.FailAsync("node-a");

        var promoted = await cluster.PromotionAsync("b");
        promoted.FenceToken.ShouldBeGreaterThan(token);
        (promoted.FormerPrimary, promoted.GroupEpoch, promoted.StateVersion).ShouldBe(("a", 2, 1));
        (await cluster.DescribeLockAsync()).Holders.ShouldBeEmpty();
        (await cluster.WriteAsync("a", 1, 1, [2])).ShouldBeOfType<RecoveryRefused>().Reason
            .ShouldBe(RecoveryRefusal.NotPrimary);

        (await cluster.ConfirmAsync("b", 2)).ShouldBeOfType<RecoveryAccepted>();
        await cluster.UntilAsync(
            () => cluster.HeardOf<RecoveryCompleted>().Count > 0, "the recovery is completed");
        (await cluster.RecoverAsync()).State.ShouldBe([1]);
        (await cluster.WriteAsync("b", 2, 1, [2])).ShouldBeOfType<StateWritten>();
        (await cluster.LockAsync("session-b")).ShouldBeGreaterThan(promoted.FenceToken);
    }

    /// <summary>Its withdrawal was lost; its last heartbeat was not.</summary>
    [Fact]
    public async Task A_primary_whose_node_left_is_followed_without_a_recovery()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await cluster.StartReplicaAsync("second");
        await cluster.FormAsync();

        await cluster.LeaveAsync("node-a");

        var promoted = await cluster.PromotionAsync("b");
        (promoted.FormerPrimary, promoted.GroupEpoch, promoted.RecoveryId).ShouldBe(("a", 2, ""));
        (await cluster.RecoverAsync()).Group.Members.Single(member => member.Member == "a").IsHealthy
            .ShouldBeFalse();
        cluster.HeardOf<RecoveryStarted>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_live_successors_lock_is_not_broken()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await cluster.RecoveryAsync<RegisterPolicy, RecoveryAccepted>(new()
        {
            CommandId = StandbyGroupScript.Id(),
            Group = RecoveryCluster.Group,
            Lock = RecoveryCluster.LockName,
        });
        await cluster.LeadAsync("a");
        await cluster.JoinAsync("b");
        var token = await cluster.LockAsync("session-b");

        await cluster.FailAsync("node-a");

        await cluster.PromotionAsync("b");
        (await cluster.DescribeLockAsync()).Holders[0].FencingToken.ShouldBe(token);
    }

    [Fact]
    public async Task One_verdict_delivered_twice_is_one_recovery()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await cluster.StartReplicaAsync("second");
        await cluster.FormAsync();
        await cluster.FailAsync("node-a", number: 1);
        await cluster.FailAsync("node-a", number: 1);
        await cluster.PromotionAsync("b");
        await cluster.ConfirmAsync("b", 2);
        await cluster.FailAsync("node-a", number: 1);

        await cluster.UntilAsync(
            () => cluster.HeardOf<RecoveryCompleted>().Count > 0, "the recovery is completed");

        (await cluster.RecoverAsync()).Group.GroupEpoch.ShouldBe(2);
        cluster.HeardOf<RecoveryStarted>().Select(one => one.RecoveryId).Distinct().Count().ShouldBe(1);
    }

    /// <summary>
    /// The first replica stands still before it claims anything, a second one dies at the point, and a third
    /// one finishes what it left.
    /// </summary>
    [Theory]
    [MemberData(nameof(Points))]
    public async Task Wherever_a_replica_dies_another_one_finishes(string point)
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cluster = await RecoveryCluster.StartAsync((_, _) => released.Task);
        using var end = new Ending(() => released.TrySetResult());
        var passed = new ConcurrentQueue<string>();
        await cluster.StartReplicaAsync("victim", (_, at) =>
        {
            passed.Enqueue(at);
            return at == point
                ? throw new InvalidOperationException("died at " + at)
                : Task.CompletedTask;
        });
        await cluster.FormAsync();
        await cluster.FailAsync("node-a");
        await cluster.UntilAsync(() => !cluster.Faults.IsEmpty, "the replica dies");
        cluster.Faults.ShouldHaveSingleItem().ShouldBe("died at " + point);
        passed.Last().ShouldBe(point);

        await cluster.StartReplicaAsync("successor");
        var promoted = await cluster.PromotionAsync("b");
        released.TrySetResult();

        promoted.GroupEpoch.ShouldBe(2);
        promoted.FenceToken.Value.ShouldBeGreaterThan(0);
        (await cluster.DescribeLockAsync()).Holders.ShouldBeEmpty();
        (await cluster.ConfirmAsync("b", 2)).ShouldBeOfType<RecoveryAccepted>();
        await cluster.UntilAsync(
            () => cluster.HeardOf<RecoveryCompleted>().Count > 0, "the recovery is completed");
        cluster.HeardOf<StandbyPromoted>().Select(one => one.GroupEpoch).Distinct().ShouldBe([1, 2]);
    }

    /// <summary>The same for one that an operator promotes, and that does not confirm.</summary>
    [Theory]
    [MemberData(nameof(Points))]
    public async Task Wherever_a_replica_dies_an_unconfirmed_primary_is_fenced_and_followed(string point)
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cluster = await RecoveryCluster.StartAsync((_, _) => released.Task);
        using var end = new Ending(() => released.TrySetResult());
        await cluster.StartReplicaAsync("victim", (_, at) => at == point
            ? throw new InvalidOperationException("died at " + at)
            : Task.CompletedTask);
        var token = await cluster.FormAsync("session-b", verifyMilliseconds: 4_000);

        (await cluster.PromoteAsync("b")).Group.GroupEpoch.ShouldBe(2);
        await cluster.UntilAsync(() => !cluster.Faults.IsEmpty, "the replica dies");
        await cluster.StartReplicaAsync("successor");
        var promoted = await cluster.PromotionAsync("a", after: 2);
        (await cluster.ConfirmAsync("a", 3)).ShouldBeOfType<RecoveryAccepted>();
        released.TrySetResult();

        cluster.Faults.ShouldHaveSingleItem().ShouldBe("died at " + point);
        (promoted.FormerPrimary, promoted.GroupEpoch).ShouldBe(("b", 3));
        promoted.FenceToken.ShouldBeGreaterThan(token);
        (await cluster.DescribeLockAsync()).Holders.ShouldBeEmpty();
        (await cluster.WriteAsync("b", 2, 1, [2])).ShouldBeOfType<RecoveryRefused>().Reason
            .ShouldBe(RecoveryRefusal.NotPrimary);
        await cluster.UntilAsync(
            () => cluster.HeardOf<RecoveryCompleted>().Any(one => one.RecoveryId == promoted.RecoveryId),
            "the recovery is completed");
        cluster.HeardOf<RecoveryStarted>().Select(one => one.FailedMember).Distinct().ShouldBe(["b"]);
        cluster.HeardOf<StandbyPromoted>().Select(one => one.GroupEpoch).Distinct().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_group_is_removed_within_the_limits_that_the_options_founded()
    {
        await using var cluster = await RecoveryCluster.StartAsync(
            options: options => options with { MaxMembersPerGroup = 2, MaxMembers = 2 });
        await cluster.FormAsync();
        (await cluster.RecoveryAsync<RegisterStandby, RecoveryAccepted>(new()
        {
            CommandId = StandbyGroupScript.Id(),
            Group = RecoveryCluster.Group,
            Member = "c",
        })).ShouldBeOfType<RecoveryRefused>().Message.ShouldContain("at most 2");

        (await RemoveAsync(isForced: false)).ShouldBeOfType<RecoveryRefused>().Reason
            .ShouldBe(RecoveryRefusal.GroupInUse);
        (await RemoveAsync(isForced: true)).ShouldBeOfType<RecoveryAccepted>().Group.Members.ShouldBeEmpty();

        await cluster.UntilAsync(() => cluster.HeardOf<GroupRemoved>().Count > 0, "the removal is told");
        cluster.HeardOf<GroupRemoved>()[0].GroupEpoch.ShouldBe(1);
        (await cluster.JoinAsync("c")).Group.GroupEpoch.ShouldBe(2);

        Task<object> RemoveAsync(bool isForced) => cluster.RecoveryAsync<RemoveGroup, RecoveryAccepted>(new()
        {
            CommandId = StandbyGroupScript.Id(),
            Group = RecoveryCluster.Group,
            IsForced = isForced,
        });
    }

    /// <summary>Lets a replica go that stands still, before the cluster waits for its end.</summary>
    private sealed class Ending(Action act) : IDisposable
    {
        public void Dispose() => act();
    }
}

using System.Threading.Channels;
using MassTransit;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Fencing;

namespace Muster.Client.Tests;

/// <summary>An upgrade's messages come late, out of order, or not at all.</summary>
public sealed class UpgradeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_heartbeats_answer_from_before_the_grant_takes_nothing_from_it()
    {
        await using var test = new ClientUnderTest();
        var (hold, upgrade, id) = await UpgradingAsync(test, Cancelled);
        test.Pass(5.1);
        var before = test.Service.Heartbeats[^1];
        Grant(test, hold, id, 9);
        (await upgrade.Soon()).ShouldBeTrue();
        (hold.Mode, hold.FencingToken.Value).ShouldBe((LockMode.Exclusive, 9));

        Answer(test, before, new() { AcquireId = hold.AcquireId, FencingToken = new(1) }, id);

        test.Pass(0.1);
        test.Service.Cancels.ShouldBeEmpty();
        (hold.IsLost, hold.Mode, hold.FencingToken.Value).ShouldBe((false, LockMode.Exclusive, 9));
    }

    [Fact]
    public async Task A_hold_that_is_exclusive_here_and_not_there_is_lost()
    {
        await using var test = new ClientUnderTest();
        var (hold, upgrade, id) = await UpgradingAsync(test, Cancelled);
        Grant(test, hold, id, 9);
        (await upgrade.Soon()).ShouldBeTrue();
        test.Pass(5.1);

        Answer(test, test.Service.Heartbeats[^1], new()
        {
            AcquireId = hold.AcquireId,
            FencingToken = new(9),
        });

        await hold.Lost.FiresAsync();
        hold.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_sent_after_the_upgrade_carries_its_token()
    {
        var fences = Channel.CreateUnbounded<MessageFence?>();
        var store = new MemoryFenceStore();
        var bus = MassTransit.Bus.Factory.CreateUsingInMemory(configurator =>
        {
            configurator.UseFencingHeaders();
            configurator.ReceiveEndpoint("work", endpoint =>
            {
                endpoint.UseFencingGuard(store);
                endpoint.Handler<HeldLock>(
                    context => fences.Writer.WriteAsync(context.GetFence(), Cancelled).AsTask());
            });
        });
        await bus.StartAsync(Cancelled);
        try
        {
            await using var test = new ClientUnderTest();
            var (hold, upgrade, id) = await UpgradingAsync(test, Cancelled);
            using var scope = FencingScope.Enter(hold.Name, () => hold.FencingToken, () => hold.IsLost);
            await bus.Publish(new HeldLock(), Cancelled);
            (await fences.Reader.ReadAsync(Cancelled).AsTask().Soon()).ShouldBe(
                new MessageFence("a", new(1)));

            Grant(test, hold, id, 9);
            (await upgrade.Soon()).ShouldBeTrue();

            // What it wrote itself, under the new token, is what the guard has seen.
            await store.GuardAsync(hold.Name, hold.FencingToken, Cancelled);
            await bus.Publish(new HeldLock(), Cancelled);
            (await fences.Reader.ReadAsync(Cancelled).AsTask().Soon()).ShouldBe(
                new MessageFence("a", new(9)));
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_grant_whose_answer_was_lost_is_learned_from_a_heartbeats()
    {
        await using var test = new ClientUnderTest();
        var (hold, upgrade, id) = await UpgradingAsync(test, Cancelled);
        test.Pass(5.1);

        Answer(test, test.Service.Heartbeats[^1], new()
        {
            AcquireId = hold.AcquireId,
            UpgradeId = id,
            FencingToken = new(9),
        });

        (await upgrade.Soon()).ShouldBeTrue();
        (hold.Mode, hold.FencingToken.Value).ShouldBe((LockMode.Exclusive, 9));
    }

    [Fact]
    public async Task A_grant_that_comes_after_it_was_given_up_is_given_back_and_raises_the_token_only()
    {
        await using var test = new ClientUnderTest();
        using var enough = new CancellationTokenSource();
        var (hold, upgrade, id) = await UpgradingAsync(test, enough.Token);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => upgrade.Soon());

        Grant(test, hold, id, 9);

        var released = (await test.Service.SeesAsync(command => command.ReleaseLock is not null))
            .ReleaseLock!;
        (released.AcquireId, released.FencingToken.Value).ShouldBe((id, 9));
        (hold.IsLost, hold.Mode, hold.FencingToken.Value).ShouldBe((false, LockMode.Upgradeable, 9));
    }

    [Fact]
    public async Task It_ends_with_the_session_also_while_nothing_can_be_sent()
    {
        await using var test = new ClientUnderTest();
        var hold = await test.Locks.AcquireAsync(LockRequest.Upgradeable("a"), null, Cancelled)
            .AsTask().Soon();
        test.Link.GoDown();
        var upgrade = hold.UpgradeAsync(null, Cancelled).AsTask();

        test.Pass(15.1);

        (await Should.ThrowAsync<MusterRefusedException>(() => upgrade.Soon())).Reason
            .ShouldBe(LockRefusal.NotHeld);
        hold.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task An_upgrade_of_what_is_upgraded_already_is_done_at_once()
    {
        await using var test = new ClientUnderTest();
        var (hold, upgrade, id) = await UpgradingAsync(test, Cancelled);
        Grant(test, hold, id, 9);
        (await upgrade.Soon()).ShouldBeTrue();

        (await hold.TryUpgradeAsync(cancellationToken: Cancelled).AsTask().Soon()).ShouldBeTrue();
        await hold.UpgradeAsync(null, Cancelled).AsTask().Soon();

        Upgrades(test).ShouldBe([id]);
        hold.FencingToken.Value.ShouldBe(9);
    }

    [Fact]
    public async Task Of_two_at_a_time_the_first_ones_success_is_the_seconds()
    {
        await using var test = new ClientUnderTest();
        var (hold, first, id) = await UpgradingAsync(test, Cancelled);
        (await hold.TryUpgradeAsync(cancellationToken: Cancelled).AsTask().Soon()).ShouldBeFalse();
        var brief = hold.TryUpgradeAsync(TimeSpan.FromSeconds(1), Cancelled).AsTask();
        var second = hold.UpgradeAsync(null, Cancelled).AsTask();
        await test.PassUntilAsync(() => brief.IsCompleted);
        (await brief.Soon()).ShouldBeFalse();

        Grant(test, hold, id, 9);

        (await first.Soon()).ShouldBeTrue();
        await second.Soon();
        Upgrades(test).ShouldBe([id]);
    }

    /// <summary>The service would refuse it while the first one waits there.</summary>
    [Fact]
    public async Task After_one_that_was_given_up_the_next_waits_until_it_is_taken_back()
    {
        await using var test = new ClientUnderTest();
        using var enough = new CancellationTokenSource();
        var (hold, first, id) = await UpgradingAsync(test, enough.Token);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first.Soon());
        var second = hold.UpgradeAsync(null, Cancelled).AsTask();
        test.Pass(0.5);
        Upgrades(test).ShouldBe([id]);

        var cancel = test.Service.Cancels.Last();
        cancel.AcquireId.ShouldBe(id);
        test.Service.Deliver(new LockReply
        {
            AcquireCancelled = new() { CommandId = cancel.CommandId, AcquireId = id },
        });

        var next = (await test.Service.SeesAsync(
            command => command.UpgradeLock is { } upgrade && upgrade.CommandId != id)).UpgradeLock!;
        Grant(test, hold, next.CommandId, 9);
        await second.Soon();
        hold.Mode.ShouldBe(LockMode.Exclusive);
    }

    /// <summary>Its grant crossed the cancel, and its release was lost, and sent again.</summary>
    [Fact]
    public async Task After_one_that_was_granted_and_given_back_unheard_the_next_is_sent()
    {
        await using var test = new ClientUnderTest();
        using var enough = new CancellationTokenSource();
        var (hold, first, id) = await UpgradingAsync(test, enough.Token);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first.Soon());
        Grant(test, hold, id, 9);
        await test.Service.SeesAsync(command => command.ReleaseLock is not null);
        var second = hold.UpgradeAsync(null, Cancelled).AsTask();
        test.Pass(0.9);
        Upgrades(test).ShouldBe([id]);

        test.Service.Override = command => command switch
        {
            { ReleaseLock: { } release } => LockTable.Refused(release.CommandId, LockRefusal.NotHeld),
            { UpgradeLock: not null } => new LockReply(), // nothing that is anybody's
            _ => null,
        };
        test.Service.IsDeaf = false;
        test.Pass(0.1);

        var next = (await test.Service.SeesAsync(
            command => command.UpgradeLock is { } upgrade && upgrade.CommandId != id)).UpgradeLock!;
        Grant(test, hold, next.CommandId, 10);
        await second.Soon();
    }

    private static IEnumerable<string> Upgrades(ClientUnderTest test) => test.Service.Received
        .Select(command => command.UpgradeLock?.CommandId).OfType<string>().Distinct();

    /// <summary>The service took the upgrade, and says nothing any more by itself.</summary>
    private static async Task<(ILockHandle Hold, Task<bool> Upgrade, string Id)> UpgradingAsync(
        ClientUnderTest test, CancellationToken cancellationToken)
    {
        var hold = await test.Locks.AcquireAsync(LockRequest.Upgradeable("a"), null, Cancelled)
            .AsTask().Soon();
        (test.Service.IsDeaf, test.Service.LosesHeartbeats) = (true, true);
        var upgrade = hold.TryUpgradeAsync(TimeSpan.FromMinutes(1), cancellationToken).AsTask();
        var sent = (await test.Service.SeesAsync(command => command.UpgradeLock is not null)).UpgradeLock!;
        sent.AcquireId.ShouldBe(hold.AcquireId);
        test.Service.Deliver(new LockReply { LockQueued = new() { CommandId = sent.CommandId, Name = "a" } });
        return (hold, upgrade, sent.CommandId);
    }

    private static void Grant(ClientUnderTest test, ILockHandle hold, string upgradeId, long token) =>
        test.Service.Deliver(new LockReply
        {
            LockGranted = new()
            {
                CommandId = upgradeId,
                AcquireId = hold.AcquireId,
                SessionId = test.Service.SessionId,
                Name = "a",
                FencingToken = new FencingToken(token),
            },
        });

    private static void Answer(
        ClientUnderTest test, Heartbeat heartbeat, HeldLock held, params IReadOnlyList<string> waits) =>
        test.Link.Deliver(new HeartbeatAnswered
        {
            Group = "lock",
            Node = heartbeat.Node,
            Incarnation = heartbeat.Incarnation,
            Number = heartbeat.Number,
            Sessions =
            [
                new()
                {
                    SessionId = test.Service.SessionId,
                    Grants = [held with { Name = "a" }],
                    Waits = waits,
                },
            ],
        });
}

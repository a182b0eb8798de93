using Muster.Contracts.Recovery;

namespace Muster.Client.Tests;

/// <summary>Members that leave and come back under their name, and groups that are removed.</summary>
public class StandbyMembershipTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<IStandby> Join(ClientUnderTest test) => test.Standbys.JoinAsync(
        new StandbyOptions { Group = "g", Member = "me" }, Cancellation).Soon();

    /// <summary>And the thread that did it sends no more: it sets the timer after that.</summary>
    private static Task Confirmed(ClientUnderTest test) => Waiting.UntilAsync(
        () => test.Recovery.Confirmations.Any() && !test.Client.Core.IsPumping);

    private static IEnumerable<WithdrawStandby> Withdrawals(ClientUnderTest test) =>
        test.Recovery.Received.Select(command => command.WithdrawStandby).OfType<WithdrawStandby>();

    [Fact]
    public async Task Each_joining_has_a_membership_of_its_own_which_its_reports_and_its_withdrawal_name()
    {
        await using var test = new ClientUnderTest();
        var first = await Join(test);
        await Confirmed(test);
        test.Recovery.Fail();
        await test.PassUntilAsync(() => test.Recovery.Registers.Count() > 1);
        await first.DisposeAsync().Soon();
        var before = test.Recovery.Registers.Select(register => register.Membership).ToList();

        await using var second = await Join(test);

        before.Count.ShouldBeGreaterThan(1);
        before.Distinct().ShouldHaveSingleItem().ShouldNotBeEmpty();
        Withdrawals(test).ShouldHaveSingleItem().Membership.ShouldBe(before[0]);
        test.Recovery.Registers.Last().Membership.ShouldNotBe(before[0]);
    }

    /// <summary>The other may be a former process, whose joining came late.</summary>
    [Fact]
    public async Task A_member_whose_name_another_took_joins_once_more_and_not_again()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);
        var first = test.Recovery.Registers.Last().Membership;
        test.Recovery.Override = command => command.RegisterStandby is { } register
            ? RecoveryDouble.Refused(register.CommandId, RecoveryRefusal.ArgumentInvalid)
            : null;
        test.Recovery.Fail();
        // What is sent, another thread sends.
        await test.PassUntilAsync(
            () => test.Recovery.Registers.Count(other => other.Membership != first) > 1);
        test.Pass(3);

        test.Recovery.Registers.Select(register => register.Membership).Distinct().Count().ShouldBe(2);
        test.Recovery.Registers.First().Membership.ShouldBe(first);
    }

    /// <summary>What is wrong with the joining itself no other name for it puts right.</summary>
    [Fact]
    public async Task A_joining_that_is_refused_is_not_another_one()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Override = command => command.RegisterStandby is { } register
            ? RecoveryDouble.Refused(register.CommandId, RecoveryRefusal.ArgumentInvalid)
            : null;

        await Should.ThrowAsync<MusterRefusedException>(() => Join(test));

        test.Recovery.Registers.Select(register => register.Membership).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_joining_waits_for_the_withdrawal_of_its_own_name()
    {
        await using var test = new ClientUnderTest();
        var first = await Join(test);
        await Confirmed(test);
        test.Recovery.IsDeaf = true;
        var leaving = first.DisposeAsync().AsTask();
        await test.PassUntilAsync(() => leaving.IsCompleted);
        var joins = test.Recovery.Registers.Count();

        var joining = Join(test);
        test.Pass(2);
        test.Recovery.Registers.Count().ShouldBe(joins);
        test.Recovery.IsDeaf = false;
        await test.PassUntilAsync(() => joining.IsCompleted);

        await using var second = await joining;
        test.Recovery.Registers.Count().ShouldBe(joins + 1);
    }

    [Fact]
    public async Task A_withdrawal_that_is_never_answered_holds_a_joining_up_no_longer_than_itself()
    {
        await using var test = new ClientUnderTest();
        var first = await Join(test);
        await Confirmed(test);
        test.Recovery.Override = command => command.WithdrawStandby is null ? null : new RecoveryReply
        {
            RecoveryUnknown = new RecoveryUnknown { CommandId = command.WithdrawStandby.CommandId },
        };
        var leaving = first.DisposeAsync().AsTask();
        await test.PassUntilAsync(() => leaving.IsCompleted);
        var joining = Join(test);

        test.Pass(9);

        await using var second = await joining.Soon();
        test.Recovery.Override = _ => null;
    }

    [Fact]
    public async Task A_joining_that_is_cancelled_while_it_waits_registers_nobody()
    {
        await using var test = new ClientUnderTest();
        var first = await Join(test);
        await Confirmed(test);
        test.Recovery.IsDeaf = true;
        var leaving = first.DisposeAsync().AsTask();
        await test.PassUntilAsync(() => leaving.IsCompleted);
        var joins = test.Recovery.Registers.Count();
        using var cancellation = new CancellationTokenSource();
        var joining = test.Standbys.JoinAsync(
            new StandbyOptions { Group = "g", Member = "me" }, cancellation.Token);

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => joining.Soon());
        test.Recovery.IsDeaf = false;
        test.Pass(5);

        test.Recovery.Registers.Count().ShouldBe(joins);
        Withdrawals(test).Select(withdraw => withdraw.CommandId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_joining_that_waits_ends_with_the_client()
    {
        var test = new ClientUnderTest();
        var first = await Join(test);
        await Confirmed(test);
        test.Recovery.IsDeaf = true;
        var leaving = first.DisposeAsync().AsTask();
        await test.PassUntilAsync(() => leaving.IsCompleted);
        var joining = Join(test);

        var closing = test.DisposeAsync().AsTask();
        test.Pass(1);
        await closing.Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => joining.Soon());
    }

    [Fact]
    public async Task A_member_of_a_removed_group_is_deposed_and_begins_anew()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);
        await standby.UpdateStateAsync([1], Cancellation).Soon();
        var deposed = standby.Deposed;

        test.Recovery.Remove();
        (standby.Role, standby.StateVersion).ShouldBe((StandbyRole.Standby, 0));
        deposed.IsCancellationRequested.ShouldBeTrue();
        await test.PassUntilAsync(() => (standby.Role, standby.GroupEpoch) == (StandbyRole.Primary, 2));

        await Waiting.UntilAsync(() => test.Recovery.Confirmations.Count() == 2);
        (await standby.UpdateStateAsync([2], Cancellation).Soon()).ShouldBe(1);
    }

    [Fact]
    public async Task A_standby_of_a_removed_group_reports_the_versions_of_the_next_one()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Promote("other");
        test.Recovery.Write(1);
        test.Recovery.Write(2);
        await using var standby = await Join(test);
        test.Pass(1);
        test.Recovery.Registers.Last().StateVersion.ShouldBe(2);

        test.Recovery.Remove();
        test.Recovery.Promote("other");
        test.Pass(1);
        test.Recovery.Registers.Last().StateVersion.ShouldBe(0);
        test.Recovery.Write(3);
        test.Pass(1);

        (standby.Role, standby.StateVersion).ShouldBe((StandbyRole.Standby, 1));
        test.Recovery.Registers.Last().StateVersion.ShouldBe(1);
    }

    [Fact]
    public async Task A_group_is_removed_by_name_and_a_refusal_is_told()
    {
        await using var test = new ClientUnderTest();

        await test.Standbys.RemoveGroupAsync("g", force: true, Cancellation).Soon();
        test.Recovery.Override = command => command.RemoveGroup is { } remove
            ? RecoveryDouble.Refused(remove.CommandId, RecoveryRefusal.GroupInUse)
            : null;
        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => test.Standbys.RemoveGroupAsync("g", cancellationToken: Cancellation).Soon());

        refused.Reason.ShouldBe(RecoveryRefusal.GroupInUse);
        test.Recovery.Received.Select(command => command.RemoveGroup).OfType<RemoveGroup>()
            .Select(remove => (remove.Group, remove.IsForced)).ShouldBe([("g", true), ("g", false)]);
    }
}

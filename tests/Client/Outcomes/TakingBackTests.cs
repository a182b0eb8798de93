using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using static Muster.Client.Tests.OutcomeTests;

namespace Muster.Client.Tests.Outcomes;

/// <summary>What nobody answered is taken back, and the taking back is not answered either.</summary>
public sealed class TakingBackTests
{
    private static readonly ServiceRegistration Instance =
        new() { Service = "s", InstanceId = "i", Host = "h" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_registration_counts_as_not_done_only_once_the_registry_says_so()
    {
        await using var test = new ClientUnderTest();
        test.Registry.LosesAnswers = true;
        var unknown = await UnknownAsync(test, test.Services.RegisterAsync(Instance, Cancellation));
        test.Pass(11);
        var asked = unknown.ResolveAsync(Cancellation);
        var removals = Removals(test).Count();
        await test.PassUntilAsync(() => Removals(test).Count() > removals + 2);
        test.Pass(30);
        asked.IsCompleted.ShouldBeFalse("nobody said that it is gone");
        test.Registry.LosesAnswers = false;

        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.NotDone);

        test.Registry.Has("s", "i").ShouldBeFalse();
        Removals(test).Select(removal => removal.LeaseId).Distinct()
            .ShouldBe([test.Registry.Registers.First().LeaseId]);
    }

    [Fact]
    public async Task Taking_it_back_late_takes_nothing_from_who_has_registered_since()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        var unknown = await UnknownAsync(test, test.Services.RegisterAsync(Instance, Cancellation));
        test.Pass(11);
        test.Registry.IsDeaf = false;
        await using var again = await test.Services.RegisterAsync(Instance, Cancellation).Soon();

        (await ResolvedAsync(test, unknown.ResolveAsync(Cancellation))).Kind.ShouldBe(OutcomeKind.NotDone);

        test.Registry.Has("s", "i").ShouldBeTrue();
    }

    /// <summary>By which the registry tells that an older one comes late.</summary>
    [Fact]
    public async Task Each_command_of_an_instance_has_a_later_number_and_its_repeats_have_the_same()
    {
        await using var test = new ClientUnderTest();
        await using var instance = await test.Services.RegisterAsync(Instance, Cancellation).Soon();
        test.Registry.LosesAnswers = true;
        var early = await UnknownAsync(
            test, instance.UpdateAsync(Instance with { Host = "early" }, Cancellation));
        test.Registry.LosesAnswers = false;
        await instance.DrainAsync(true, Cancellation).Soon();
        await instance.UpdateAsync(Instance with { Host = "late" }, Cancellation).Soon();

        test.Registry.Registers.GroupBy(register => (register.CommandId, register.Host))
            .Select(repeats => (repeats.Key.Host, repeats.Select(one => one.Change).Distinct().Single()))
            .ShouldBe([("h", 1), ("early", 2), ("late", 4)]);
        test.Registry.Received.Select(command => command.DrainInstance).OfType<DrainInstance>()
            .ShouldHaveSingleItem().Change.ShouldBe(3);
        test.Registry.Registers.Count(register => register.Host == "early").ShouldBeGreaterThan(2);
        (await ResolvedAsync(test, early.ResolveAsync(Cancellation))).Kind.ShouldBe(OutcomeKind.Forgotten);
    }

    [Fact]
    public async Task The_clients_end_ends_it()
    {
        var test = new ClientUnderTest();
        test.Registry.LosesAnswers = true;
        var unknown = await UnknownAsync(test, test.Services.RegisterAsync(Instance, Cancellation));
        var asked = unknown.ResolveAsync(Cancellation);

        await test.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => asked.Soon());
    }

    [Fact]
    public async Task A_joining_counts_as_not_done_only_once_the_service_says_so()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.LosesAnswers = true;
        var unknown = await UnknownAsync(
            test, test.Standbys.JoinAsync(new StandbyOptions { Group = "g" }, Cancellation));
        test.Pass(11);
        var asked = unknown.ResolveAsync(Cancellation);
        var withdrawals = Withdrawals(test).Count();
        await test.PassUntilAsync(() => Withdrawals(test).Count() > withdrawals + 2);
        asked.IsCompleted.ShouldBeFalse("nobody said that it is out");
        test.Recovery.LosesAnswers = false;

        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.NotDone);

        Withdrawals(test).Select(withdrawal => withdrawal.Membership).Distinct()
            .ShouldBe([test.Recovery.Registers.First().Membership]);
    }

    [Fact]
    public async Task A_withdrawal_that_is_refused_for_now_is_asked_for_again_under_another_id()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.IsDeaf = true;
        var unknown = await UnknownAsync(
            test, test.Standbys.JoinAsync(new StandbyOptions { Group = "g" }, Cancellation));
        test.Recovery.Override = command => command.WithdrawStandby is { } withdraw
            ? RecoveryDouble.Refused(withdraw.CommandId, RecoveryRefusal.LimitReached)
            : null;
        test.Recovery.IsDeaf = false;
        var asked = unknown.ResolveAsync(Cancellation);
        await test.PassUntilAsync(
            () => Withdrawals(test).Select(withdrawal => withdrawal.CommandId).Distinct().Count() > 3);
        asked.IsCompleted.ShouldBeFalse("it is in still");
        test.Recovery.Override = _ => null;

        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.NotDone);
    }

    private static IEnumerable<DeregisterInstance> Removals(ClientUnderTest test) =>
        test.Registry.Received.Select(command => command.DeregisterInstance).OfType<DeregisterInstance>();

    private static IEnumerable<WithdrawStandby> Withdrawals(ClientUnderTest test) =>
        test.Recovery.Received.Select(command => command.WithdrawStandby).OfType<WithdrawStandby>();
}

using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using static Muster.Client.Tests.OutcomeTests;

namespace Muster.Client.Tests.Outcomes;

/// <summary>Calls that are several commands, one of which nobody answers.</summary>
public sealed class PartlyTests
{
    private static readonly NamespaceLimits Limits = new() { MaxLocks = 5 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<MusterUnknownException> LostPolicyAsync(ClientUnderTest test)
    {
        test.Recovery.Override = command =>
        {
            test.Recovery.LosesAnswers |= command.RegisterPolicy is not null;
            return null;
        };
        var unknown = await UnknownAsync(test, test.Standbys.JoinAsync(
            new StandbyOptions { Group = "g", Policy = new StandbyPolicy() }, Cancellation));
        (test.Recovery.LosesAnswers, test.Recovery.Override) = (false, _ => null);
        unknown.CommandId.ShouldBe(test.Recovery.Received.Select(command => command.RegisterPolicy)
            .OfType<RegisterPolicy>().First().CommandId);
        return unknown;
    }

    [Fact]
    public async Task A_joining_whose_policy_is_set_is_taken_back_and_the_policy_is_not()
    {
        await using var test = new ClientUnderTest();
        var unknown = await LostPolicyAsync(test);

        var outcome = await ResolvedAsync(test, unknown.ResolveAsync(Cancellation));

        outcome.Kind.ShouldBe(OutcomeKind.Partly);
        outcome.Message.ShouldBe("n1 was taken out of g again. The policy of g is set.");
        test.Recovery.Received.ShouldContain(command => command.WithdrawStandby != null);
    }

    [Fact]
    public async Task A_joining_whose_policy_is_refused_is_refused()
    {
        await using var test = new ClientUnderTest();
        var unknown = await LostPolicyAsync(test);
        test.Recovery.Override = command => command.RegisterPolicy is { } policy
            ? RecoveryDouble.Refused(policy.CommandId, RecoveryRefusal.ArgumentInvalid)
            : null;

        var outcome = await ResolvedAsync(test, unknown.ResolveAsync(Cancellation));

        (outcome.Kind, outcome.Refusal!.Reason)
            .ShouldBe((OutcomeKind.Refused, RecoveryRefusal.ArgumentInvalid));
    }

    [Fact]
    public async Task Limits_that_one_of_several_lock_groups_did_not_answer_are_set_in_all_of_them()
    {
        await using var test = new ClientUnderTest();
        var reached = new List<int>();
        var deaf = 1;
        test.Service.Loses = command => command.SetNamespaceLimits?.GroupNumber == deaf;
        test.Service.Override = command => Set(command, reached);
        var unknown = await UnknownAsync(
            test, test.Locks.SetNamespaceLimitsAsync("n", Limits, Cancellation).AsTask());
        reached.ShouldBe([0]);
        deaf = 3; // the next one that is not heard

        var asked = unknown.ResolveAsync(Cancellation);
        await test.PassUntilAsync(() => reached.Count == 3);
        test.Pass(12);
        asked.IsCompleted.ShouldBeFalse();
        deaf = -1;
        var outcome = await ResolvedAsync(test, asked);

        (outcome.Kind, outcome.Result).ShouldBe((OutcomeKind.Done, null));
        reached.ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task Limits_that_a_later_lock_group_refuses_are_set_in_part()
    {
        await using var test = new ClientUnderTest();
        var reached = new List<int>();
        var deaf = 1;
        test.Service.Loses = command => command.SetNamespaceLimits?.GroupNumber == deaf;
        test.Service.Override = command => command.SetNamespaceLimits is { GroupNumber: 2 } refused
            ? LockTable.Refused(refused.CommandId, LockRefusal.LimitReached)
            : Set(command, reached);
        var unknown = await UnknownAsync(
            test, test.Locks.SetNamespaceLimitsAsync("n", Limits, Cancellation).AsTask());
        deaf = -1;

        var outcome = await ResolvedAsync(test, unknown.ResolveAsync(Cancellation));

        (outcome.Kind, outcome.Refusal!.Reason)
            .ShouldBe((OutcomeKind.Partly, LockRefusal.LimitReached));
        outcome.Message.ShouldStartWith("2 lock groups");
        reached.ShouldBe([0, 1]);
    }

    [Fact]
    public async Task A_write_that_is_resolved_after_too_many_others_is_forgotten_and_not_refused()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await test.Standbys
            .JoinAsync(new StandbyOptions { Group = "g" }, Cancellation).Soon();
        test.Recovery.LosesAnswers = true;
        var unknown = await UnknownAsync(test, standby.UpdateStateAsync([1], Cancellation));
        test.Recovery.LosesAnswers = false;
        test.Recovery.Override = MayBeDone;

        var outcome = await ResolvedAsync(test, unknown.ResolveAsync(Cancellation));

        (outcome.Kind, outcome.Refusal).ShouldBe((OutcomeKind.Forgotten, null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_first_write_over_an_old_version_is_refused_and_a_repeat_is_unknown(bool isRepeat)
    {
        await using var test = new ClientUnderTest();
        await using var standby = await test.Standbys
            .JoinAsync(new StandbyOptions { Group = "g" }, Cancellation).Soon();
        test.Recovery.LosesAnswers = isRepeat;
        test.Recovery.Override = MayBeDone;
        var updating = standby.UpdateStateAsync([1], Cancellation);
        test.Recovery.LosesAnswers = false;
        test.Pass(1.1);

        var failure = await Should.ThrowAsync<Exception>(() => updating.Soon());

        if (isRepeat)
        {
            (await ResolvedAsync(
                test, failure.ShouldBeOfType<MusterUnknownException>().ResolveAsync(Cancellation)))
                .Kind.ShouldBe(OutcomeKind.Forgotten);
        }
        else
        {
            failure.ShouldBeOfType<MusterRefusedException>().Reason
                .ShouldBe(RecoveryRefusal.VersionMismatch);
        }
    }

    private static RecoveryReply? MayBeDone(RecoveryCommand command) =>
        command.UpdateState is { } update
            ? new()
            {
                RecoveryRefused = new()
                {
                    CommandId = update.CommandId,
                    Reason = RecoveryRefusal.VersionMismatch,
                    MayBeDone = true,
                },
            }
            : null;

    private static LockReply? Set(LockCommand command, List<int> reached)
    {
        if (command.SetNamespaceLimits is not { } set)
        {
            return null;
        }
        reached.Add(set.GroupNumber);
        return new() { NamespaceLimitsSet = new() { CommandId = set.CommandId, Groups = 4 } };
    }
}

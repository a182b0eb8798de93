using Muster.Contracts.Recovery;

namespace Muster.Client.Tests;

public class StandbyTests
{
    private static readonly byte[] State = [1, 2, 3];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<IStandby> Join(ClientUnderTest test, StandbyOptions? options = null) =>
        test.Standbys.JoinAsync(
            options ?? new StandbyOptions { Group = "g", Member = "me" }, Cancellation).Soon();

    /// <summary>Another thread has sent it, which may still send for all others and set no timer.</summary>
    private static Task Confirmed(ClientUnderTest test, int count = 1) =>
        Waiting.UntilAsync(() => test.Recovery.Confirmations.Count() == count);

    /// <summary>An update that is done, and whose answer is lost.</summary>
    private static async Task<MusterUnknownException> UnansweredAsync(ClientUnderTest test, IStandby standby)
    {
        (test.Recovery.LosesAnswers, test.Recovery.DeliversEvents) = (true, false);
        var updating = standby.UpdateStateAsync(State, Cancellation);
        await Waiting.UntilAsync(() => test.Recovery.Received.Any(sent => sent.UpdateState is not null));
        await test.PassUntilAsync(() => updating.IsCompleted);
        test.Recovery.LosesAnswers = false;
        return await Should.ThrowAsync<MusterUnknownException>(() => updating);
    }

    [Fact]
    public async Task The_first_member_is_the_primary_takes_over_and_confirms()
    {
        await using var test = new ClientUnderTest();
        var promoted = new TaskCompletionSource<StandbyPromotion>();

        await using var standby = await Join(test, new StandbyOptions
        {
            Group = "g",
            OnPromoted = (promotion, _) =>
            {
                promoted.SetResult(promotion);
                return Task.CompletedTask;
            },
        });

        var promotion = await promoted.Task.Soon();
        (promotion.Group, promotion.Member, promotion.GroupEpoch, promotion.StateVersion)
            .ShouldBe(("g", "n1", 1, 0));
        (standby.Role, standby.Member, standby.GroupEpoch).ShouldBe((StandbyRole.Primary, "n1", 1));
        standby.Deposed.IsCancellationRequested.ShouldBeFalse();
        await Confirmed(test);
        test.Recovery.Confirmations.Single().GroupEpoch.ShouldBe(1);
        var register = test.Recovery.Registers.First();
        (register.Node, register.Incarnation.Length, register.SessionId).ShouldBe(("n1", 32, ""));
    }

    [Fact]
    public async Task A_policy_is_registered_and_its_lock_gets_a_session_that_the_group_knows()
    {
        await using var test = new ClientUnderTest();

        await using var standby = await Join(test, new StandbyOptions
        {
            Group = "g",
            Policy = new StandbyPolicy { Lock = "l", VerifyTimeout = TimeSpan.FromSeconds(2) },
        });
        await test.PassUntilAsync(() => IsKnown(opens: 1));

        var policy = test.Recovery.Received.Select(command => command.RegisterPolicy).OfType<RegisterPolicy>()
            .Single();
        (policy.Group, policy.Lock, policy.VerifyMilliseconds, policy.IsAutomatic)
            .ShouldBe(("g", "l", 2_000, true));
        test.Service.Table.End(test.Service.SessionId);
        await test.PassUntilAsync(() => IsKnown(opens: 2)); // a heartbeat's answer says so

        bool IsKnown(int opens) => test.Service.Opens.Count() == opens
            && test.Recovery.Registers.Last().SessionId == test.Service.SessionId;
    }

    [Fact]
    public async Task The_primary_writes_over_its_own_last_version()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);

        var first = await standby.UpdateStateAsync(State, Cancellation).Soon();
        var updates = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => standby.UpdateStateAsync(State, Cancellation))).Soon();
        var recovered = await standby.RecoverStateAsync(Cancellation).Soon();

        first.ShouldBe(1);
        updates.Order().ShouldBe(Enumerable.Range(2, 10).Select(version => (long)version));
        recovered.State.ShouldBe(State);
        (recovered.Version, standby.StateVersion).ShouldBe((11, 11));
    }

    [Fact]
    public async Task A_standby_reports_new_versions_at_most_twice_a_second()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Promote("other");
        await using var standby = await Join(test);
        var before = test.Recovery.Registers.Count();

        for (var i = 0; i < 100; i++)
        {
            test.Recovery.Write(1);
            test.Pass(0.1);
        }
        test.Pass(1);

        (test.Recovery.Registers.Count() - before).ShouldBeInRange(15, 21);
        test.Recovery.Registers.Last().StateVersion.ShouldBe(100);
        (standby.Role, standby.StateVersion).ShouldBe((StandbyRole.Standby, 100));
        standby.Deposed.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_standby_may_not_write()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Promote("other");
        await using var standby = await Join(test);

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => standby.UpdateStateAsync(State, Cancellation).Soon());

        refused.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        test.Recovery.Received.ShouldAllBe(command => command.UpdateState == null);
    }

    [Fact]
    public async Task A_promoted_standby_recovers_the_state_lets_its_owner_take_over_and_then_confirms()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Promote("other");
        test.Recovery.Write(State);
        var promoted = new TaskCompletionSource<(StandbyPromotion Promotion, CancellationToken Deposed)>();
        var ready = new TaskCompletionSource();
        await using var standby = await Join(test, new StandbyOptions
        {
            Group = "g",
            Member = "me",
            OnPromoted = (promotion, deposed) =>
            {
                promoted.SetResult((promotion, deposed));
                return ready.Task;
            },
        });

        test.Recovery.Promote("me");
        var (promotion, deposed) = await promoted.Task.Soon();
        test.Recovery.Confirmations.ShouldBeEmpty();
        ready.SetResult();
        await Confirmed(test);

        promotion.State.ShouldBe(State);
        (promotion.GroupEpoch, promotion.StateVersion, promotion.FenceToken.Value).ShouldBe((2, 1, 7));
        test.Recovery.Confirmations.Single().GroupEpoch.ShouldBe(2);
        deposed.ShouldBe(standby.Deposed);
        deposed.IsCancellationRequested.ShouldBeFalse();
        (await standby.UpdateStateAsync(State, Cancellation).Soon()).ShouldBe(2);
    }

    [Fact]
    public async Task A_deposed_primary_knows_by_the_event_and_a_new_term_has_its_own_token()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);
        var first = standby.Deposed;

        test.Recovery.Promote("other");
        await first.FiresAsync();
        standby.Role.ShouldBe(StandbyRole.Standby);
        test.Recovery.Promote("me");
        await Confirmed(test, 2);

        standby.Deposed.IsCancellationRequested.ShouldBeFalse();
        first.IsCancellationRequested.ShouldBeTrue();
        standby.GroupEpoch.ShouldBe(3);
    }

    [Fact]
    public async Task A_deposed_primary_that_missed_the_event_is_refused_and_knows_by_that()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);
        var term = standby.Deposed;
        test.Recovery.DeliversEvents = false;
        test.Recovery.Promote("other");

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => standby.UpdateStateAsync(State, Cancellation).Soon());

        refused.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        term.IsCancellationRequested.ShouldBeTrue();
        standby.Role.ShouldBe(StandbyRole.Standby);
        await test.PassUntilAsync(() => standby.GroupEpoch == 2);
    }

    [Fact]
    public async Task A_lost_promotion_is_found_by_the_head_or_after_a_reconnect()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Promote("other");
        await using var standby = await Join(test);
        test.Recovery.DeliverHead();
        test.Pass(1);
        test.Recovery.DeliversEvents = false;
        test.Recovery.Promote("me");
        test.Pass(30);
        standby.Role.ShouldBe(StandbyRole.Standby);

        test.Recovery.DeliverHead();
        test.Pass(0.3);
        standby.Role.ShouldBe(StandbyRole.Primary);
        await Confirmed(test);
        test.Link.GoDown();
        test.Recovery.Promote("other");
        test.Link.GoUp();

        await Waiting.UntilAsync(() => standby.Role == StandbyRole.Standby);
    }

    [Fact]
    public async Task Late_news_of_an_older_term_changes_nothing()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);
        test.Recovery.Promote("other");
        test.Recovery.Promote("me");
        await Confirmed(test, 2);

        test.Link.Deliver(new StandbyPromoted
        {
            Group = "g",
            Member = "other",
            GroupEpoch = 2,
            Event = new() { Epoch = 1, Index = new(2), Number = 1 },
        });

        (standby.Role, standby.GroupEpoch).ShouldBe((StandbyRole.Primary, 3));
    }

    [Fact]
    public async Task An_owner_that_cannot_take_over_is_not_confirmed()
    {
        await using var test = new ClientUnderTest();
        var tried = new TaskCompletionSource();
        await using var standby = await Join(test, new StandbyOptions
        {
            Group = "g",
            OnPromoted = (_, _) =>
            {
                tried.SetResult();
                throw new InvalidOperationException("the owner's fault");
            },
        });
        await tried.Task.Soon();
        test.Recovery.Promote("other"); // as the recovery does when no confirmation comes

        test.Pass(30);

        test.Recovery.Confirmations.ShouldBeEmpty();
        standby.Role.ShouldBe(StandbyRole.Standby);
    }

    [Fact]
    public async Task After_an_update_of_unknown_outcome_the_state_must_be_recovered_first()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);
        await UnansweredAsync(test, standby);

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => standby.UpdateStateAsync(State, Cancellation).Soon());
        var recovered = await standby.RecoverStateAsync(Cancellation).Soon();

        refused.Reason.ShouldBe(RecoveryRefusal.VersionMismatch);
        recovered.Version.ShouldBe(1);
        (await standby.UpdateStateAsync(State, Cancellation).Soon()).ShouldBe(2);
    }

    [Fact]
    public async Task After_an_update_whose_outcome_is_resolved_nothing_has_to_be_recovered()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        await Confirmed(test);
        var unknown = await UnansweredAsync(test, standby);

        (await unknown.ResolveAsync(Cancellation).Soon()).ResultAs<long>().ShouldBe(1);

        (await standby.UpdateStateAsync(State, Cancellation).Soon()).ShouldBe(2);
    }

    [Fact]
    public async Task Watching_tells_the_newest_view_until_the_end()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Promote("other");
        var standby = await Join(test);
        await using var watch = new Reader<StandbyView>(standby.WatchAsync(Cancellation));
        (await watch.NextAsync()).Primary.ShouldBe("other");

        test.Recovery.Write(1);
        test.Recovery.Write(2);
        test.Recovery.Promote("me");
        var view = await watch.NextAsync();
        await standby.DisposeAsync().Soon();

        (view.Role, view.Primary, view.GroupEpoch, view.StateVersion)
            .ShouldBe((StandbyRole.Primary, "me", 2, 2));
        await Should.ThrowAsync<ObjectDisposedException>(async () =>
        {
            while (true)
            {
                await watch.NextAsync();
            }
        });
    }

    [Fact]
    public async Task Disposing_withdraws_deposes_and_reports_no_more()
    {
        await using var test = new ClientUnderTest();
        var standby = await Join(test);
        await Confirmed(test);
        var term = standby.Deposed;

        await standby.DisposeAsync().Soon();
        await standby.DisposeAsync().Soon();
        var before = test.Recovery.Received.Count;
        test.Recovery.Promote("me");
        test.Pass(30);

        term.IsCancellationRequested.ShouldBeTrue();
        standby.Role.ShouldBe(StandbyRole.Standby);
        test.Recovery.Received.Count(command => command.WithdrawStandby is not null).ShouldBe(1);
        test.Recovery.Received.Count.ShouldBe(before);
    }

    [Fact]
    public async Task The_clients_end_withdraws_and_waits_one_second_at_most()
    {
        await using var test = new ClientUnderTest();
        var standby = await Join(test);
        await Confirmed(test);
        test.Recovery.IsDeaf = true;
        var closing = test.Client.DisposeAsync().AsTask();

        test.Pass(0.99);
        closing.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);

        await closing.Soon();
        await Waiting.UntilAsync(
            () => test.Recovery.Received.Count(command => command.WithdrawStandby is not null) == 1);
        await standby.DisposeAsync().Soon();
    }

    [Fact]
    public async Task An_unanswered_or_cancelled_joining_is_taken_back()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.IsDeaf = true;
        var joining = test.Standbys.JoinAsync(new StandbyOptions { Group = "g" }, Cancellation);
        test.Pass(10);
        var unknown = await Should.ThrowAsync<MusterUnknownException>(() => joining.Soon());
        unknown.CommandId.ShouldBe(test.Recovery.Registers.First().CommandId);
        using var cancellation = new CancellationTokenSource();
        var cancelled = test.Standbys.JoinAsync(
            new StandbyOptions { Group = "g", Member = "another" }, cancellation.Token);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => cancelled.Soon());
        test.Recovery.Received.Select(command => command.WithdrawStandby?.CommandId).OfType<string>()
            .Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_state_above_256_KiB_is_refused_at_once_and_never_sent()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);

        var refused = await Should.ThrowAsync<ArgumentException>(
            () => standby.UpdateStateAsync(new byte[(256 * 1024) + 1], Cancellation).Soon());

        refused.Message.ShouldContain("The state has 262145 bytes, at most 262144.");
        test.Recovery.Received.ShouldAllBe(command => command.UpdateState == null);
        await standby.UpdateStateAsync(new byte[256 * 1024], Cancellation).Soon();
    }
}

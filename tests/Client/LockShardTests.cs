using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;

namespace Muster.Client.Tests;

/// <summary>A client of a lock service that spreads its locks over four groups.</summary>
public class LockShardTests
{
    // Of 4 groups: where these names are.
    private const string InFirst = "orders";
    private const string InSecond = "jobs/nightly";
    private const string InFourth = "a/2/2";

    private static ClientUnderTest Four(Action<MusterOptions>? configure = null)
    {
        var test = new ClientUnderTest(configure);
        test.Service.Table.Groups = 4;
        return test;
    }

    private static bool IsIn(int number, string session) => LockGroups.OfSession(session, 4) == number;

    private static IEnumerable<string> Numbers(IEnumerable<string> sessions) =>
        sessions.Select(session => session.Split(':')[0]);

    [Fact]
    public async Task It_learns_how_many_groups_there_are_and_opens_a_session_where_it_has_a_lock()
    {
        await using var test = Four();

        await test.Acquire(InFirst).Soon();
        await test.Acquire(InFourth).Soon();
        await test.Acquire("{a/2/2}other").Soon();

        var opened = test.Service.Opens.Select(open => open.SessionId).ToList();
        opened[0].ShouldNotContain(":", Case.Sensitive, "what it knew nothing of");
        Numbers(opened.Skip(1)).ShouldBe(["0", "3"]);
        test.Service.Acquires.Select(acquire => (acquire.Name, Session: acquire.SessionId)).ShouldBe(
            [(InFirst, opened[1]), (InFourth, opened[2]), ("{a/2/2}other", opened[2])]);
    }

    [Fact]
    public async Task Releases_cancels_and_campaigns_go_with_the_session_of_their_group()
    {
        await using var test = Four();
        await test.OpenSessionAsync();
        test.Service.Table.HoldByOther(InFourth);

        await (await test.Acquire(InSecond).Soon()).DisposeAsync();
        using var cancellation = new CancellationTokenSource();
        var waiting = test.Acquire(InFourth, cancellation);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.Soon());
        await using var leadership = await test.Elections.CampaignAsync(
            "leader", cancellationToken: TestContext.Current.CancellationToken).Soon();

        Numbers([test.Service.Releases.Last().SessionId]).ShouldBe(["1"]);
        Numbers([test.Service.Cancels.Single().SessionId]).ShouldBe(["3"]);
        var campaign = test.Service.Received.Select(command => command.Campaign).OfType<Campaign>().Single();
        Numbers([campaign.SessionId]).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Who_gives_up_names_in_two_groups_does_not_wait_until_the_first_is_given_back()
    {
        await using var test = Four();
        await test.OpenSessionAsync();
        test.Service.Table.HoldByOther(InFourth);
        using var cancellation = new CancellationTokenSource();
        var acquiring = test.Locks.AcquireAsync(
            LockRequest.All(InFirst, InFourth), null, cancellation.Token).AsTask();
        await test.Service.SeesAsync(command => command.AcquireLock is { Name: InFourth });
        test.Link.GoDown();

        await cancellation.CancelAsync();

        var cancelled = await Should.ThrowAsync<OperationCanceledException>(() => acquiring.Soon());
        cancelled.CancellationToken.ShouldBe(cancellation.Token);
    }

    [Fact]
    public async Task Who_gives_up_several_names_is_told_of_its_own_token()
    {
        await using var test = Four();
        await test.OpenSessionAsync();
        using var cancellation = new CancellationTokenSource();
        LockRequest[] requests =
            [LockRequest.All(InFourth, "{a/2/2}other"), LockRequest.All(InFirst, InFourth)];
        test.Service.IsDeaf = true;
        var acquiring = requests.Select(Acquire).ToList();

        await cancellation.CancelAsync();

        foreach (var acquire in acquiring.Concat(requests.Select(Acquire)))
        {
            var cancelled = await Should.ThrowAsync<OperationCanceledException>(() => acquire.Soon());
            cancelled.CancellationToken.ShouldBe(cancellation.Token);
        }

        Task<ILockHandle> Acquire(LockRequest request) =>
            test.Locks.AcquireAsync(request, null, cancellation.Token).AsTask();
    }

    [Fact]
    public async Task One_heartbeat_renews_all_sessions_and_soon_keeps_one_rhythm()
    {
        await using var test = Four();
        var first = await test.Acquire(InFirst).Soon();
        test.Pass(3);
        var second = await test.Acquire(InFourth).Soon();

        test.Pass(2); // a third of the first one's TTL
        test.Service.Heartbeats.Count.ShouldBe(1);
        Numbers(test.Service.Heartbeats[0].Sessions).ShouldBe(["0"], "the other is young");
        test.Pass(3);
        Numbers(test.Service.Heartbeats[1].Sessions).ShouldBe(["3", "0"], ignoreOrder: true);
        test.Pass(60);

        test.Service.Heartbeats.Skip(1).ShouldAllBe(heartbeat => heartbeat.Sessions.Count == 2);
        test.Service.Heartbeats.Count.ShouldBe(14);
        (first.IsLost, second.IsLost).ShouldBe((false, false));
    }

    [Fact]
    public async Task A_group_that_answers_no_heartbeats_is_asked_again_without_the_young_sessions_of_others()
    {
        await using var test = Four();
        await test.Acquire(InFirst).Soon();
        await test.Acquire(InFourth).Soon();
        test.Service.Renews = session => IsIn(0, session);

        test.Pass(7.4); // renewed at 5 s, asked again at 6.25

        test.Service.Heartbeats.Select(heartbeat => string.Join(' ', Numbers(heartbeat.Sessions)))
            .ShouldBe(["0 3", "3"]);
    }

    [Fact]
    public async Task With_one_session_all_are_lost_and_everything_goes_on_under_new_ones()
    {
        await using var test = Four();
        var first = await test.Acquire(InFirst).Soon();
        var fourth = await test.Acquire(InFourth).Soon();
        var lost = fourth.Lost;
        test.Service.Table.HoldByOther(InSecond);
        var waiting = test.Acquire(InSecond);
        await test.Service.SeesAsync(command => command.AcquireLock?.Name == InSecond);
        var sessions = test.Service.Opens.Select(open => open.SessionId).ToList();
        test.Service.Table.End(sessions.Single(session => IsIn(0, session)));

        test.Pass(5); // the heartbeat's answer says so

        (first.IsLost, fourth.IsLost).ShouldBe((true, true));
        await lost.FiresAsync();
        await test.Service.SeesAsync(command => command.AcquireLock?.Name == InSecond, 2);
        test.Service.FreeByOther(InSecond);
        (await waiting.Soon()).IsLost.ShouldBeFalse();
        // The others end by their TTL: whoever holds a lock has so long to hear of it.
        test.Service.Received.ShouldAllBe(command => command.CloseSession == null);
        test.Pass(20);
        test.Service.Heartbeats[^1].Sessions.Intersect(sessions).ShouldBeEmpty();
    }

    [Fact]
    public async Task Locks_of_the_other_groups_are_given_back_by_who_disposes_of_them()
    {
        await using var test = Four();
        await test.Acquire(InFirst).Soon();
        var fourth = await test.Acquire(InFourth).Soon();
        test.Service.Table.End(test.Service.Opens.Single(open => IsIn(0, open.SessionId)).SessionId);
        test.Pass(5);

        await fourth.DisposeAsync();

        var release = test.Service.Releases.Single();
        (release.Name, release.FencingToken).ShouldBe((InFourth, fourth.FencingToken));
        test.Service.Table.HolderOf(InFourth).ShouldBeNull();
    }

    [Fact]
    public async Task A_group_out_of_reach_for_its_lease_loses_the_sessions_of_all()
    {
        await using var test = Four();
        var first = await test.Acquire(InFirst).Soon();
        await test.Acquire(InFourth).Soon();
        test.Service.Renews = session => IsIn(0, session);

        test.Pass(14.69);
        first.IsLost.ShouldBeFalse();
        test.Pass(0.02);

        first.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_that_is_being_opened_goes_on_when_another_is_lost()
    {
        await using var test = Four();
        await test.Acquire(InFirst).Soon();
        test.Service.IsSlow = true;
        var waiting = test.Acquire(InFourth);
        await test.Service.SeesAsync(
            command => command.OpenSession is { } open && IsIn(3, open.SessionId));
        test.Service.Table.End(test.Service.Opens.Single(open => IsIn(0, open.SessionId)).SessionId);
        test.Pass(5);

        test.Service.IsSlow = false;
        test.Service.DeliverKept();

        (await waiting.Soon()).IsLost.ShouldBeFalse();
        Numbers(test.Service.Opens.Select(open => open.SessionId).Distinct())
            .Count(number => number == "3").ShouldBe(1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task A_cluster_founded_anew_with_another_number_is_noticed(int groups)
    {
        await using var test = Four();
        var held = await test.Acquire(InFourth).Soon();
        test.Service.Table.End(test.Service.SessionId);
        test.Service.Table.Groups = groups;

        var handle = await test.Acquire("a/2/2/").Soon();

        held.IsLost.ShouldBeTrue();
        handle.IsLost.ShouldBeFalse();
        var session = test.Service.Acquires.Last(acquire => acquire.Name == "a/2/2/").SessionId;
        LockGroups.OfSession(session, groups).ShouldBe(LockGroups.OfLock("a/2/2/", groups));
        session.Contains(':', StringComparison.Ordinal).ShouldBe(groups > 1);
    }

    [Fact]
    public async Task Closing_closes_the_sessions_of_all_groups()
    {
        var test = Four();
        await test.Acquire(InFirst).Soon();
        await test.Acquire(InFourth).Soon();

        await test.DisposeAsync();

        Numbers(test.Service.Received.Select(command => command.CloseSession?.SessionId).OfType<string>())
            .Order().ShouldBe(["0", "3"]);
    }

    [Fact]
    public async Task Acquires_that_wait_in_the_process_are_counted_over_all_groups()
    {
        await using var test = Four(options => options.MaxWaitingCalls = 2);
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var waiting = new[] { test.Acquire(InSecond), test.Acquire(InFourth) };

        var refused = await Should.ThrowAsync<MusterRefusedException>(() => test.Acquire("a/3/3").Soon());

        refused.Reason.ShouldBe(LockRefusal.LimitReached);
        test.Service.IsDeaf = false;
        test.Pass(1); // sent again
        await Task.WhenAll(waiting).Soon();
    }

    /// <summary>A recovery breaks the lock only of the session that it is told.</summary>
    [Fact]
    public async Task A_member_reports_the_session_of_its_policys_lock()
    {
        await using var test = Four();
        await test.Acquire(InFirst).Soon();
        await using var standby = await test.Standbys.JoinAsync(
            new StandbyOptions
            {
                Group = "g",
                Member = "me",
                Policy = new StandbyPolicy { Lock = InFourth },
            },
            TestContext.Current.CancellationToken).Soon();

        test.Pass(1);

        Numbers([test.Recovery.Registers.Last().SessionId]).ShouldBe(["3"]);
    }

    [Fact]
    public async Task A_member_without_a_policy_of_its_own_learns_whose_session_it_is_to_report()
    {
        await using var test = Four();
        await test.Acquire(InFirst).Soon();
        await test.Acquire(InFourth).Soon();
        test.Recovery.Override = command => command.RegisterStandby is not { } register ? null : new()
        {
            RecoveryAccepted = new RecoveryAccepted
            {
                CommandId = register.CommandId,
                Group = new StandbyGroup { Group = "g", Primary = "other", Lock = InFourth },
            },
        };

        await using var standby = await test.Standbys.JoinAsync(
            new StandbyOptions { Group = "g", Member = "me" }, TestContext.Current.CancellationToken).Soon();
        test.Recovery.Registers.Single().SessionId.ShouldBeEmpty("it does not know the lock yet");
        test.Pass(1);

        Numbers([test.Recovery.Registers.Last().SessionId]).ShouldBe(["3"]);
    }
}

using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

public class ElectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<ILeadership> Campaign(
        ClientUnderTest test, string election, TimeSpan? timeout = null) =>
        test.Elections.CampaignAsync(election, "value of " + election, timeout, Cancellation);

    private static LeaderChanged Changed(long index, string? leader, long epoch = 1) => new()
    {
        Election = "e",
        Leader = leader is null ? null : new ElectionLeader { CampaignId = leader },
        Event = new EventId { Epoch = epoch, Index = new LogIndex(index), Number = index },
    };

    [Fact]
    public async Task A_free_election_is_won_with_its_value_and_a_growing_token()
    {
        await using var test = new ClientUnderTest();

        await using var first = await Campaign(test, "e").Soon();
        await using var second = await Campaign(test, "f").Soon();

        var sent = test.Service.Received.Select(command => command.Campaign).OfType<Campaign>().ToList();
        sent.Select(campaign => (campaign.Election, campaign.Value, campaign.Sequence))
            .ShouldBe([("e", "value of e", 1L), ("f", "value of f", 2L)]);
        (first.Election, first.Value, first.CampaignId).ShouldBe(("e", "value of e", sent[0].CommandId));
        second.FencingToken.ShouldBeGreaterThan(first.FencingToken);
        first.IsLost.ShouldBeFalse();
        test.Service.Acquires.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_candidate_waits_for_its_turn_and_leads_when_the_leader_resigns()
    {
        await using var test = new ClientUnderTest();
        var leader = await Campaign(test, "e").Soon();
        var candidate = Campaign(test, "e");
        candidate.IsCompleted.ShouldBeFalse();

        await leader.DisposeAsync().Soon();

        var next = await candidate.Soon();
        next.FencingToken.ShouldBeGreaterThan(leader.FencingToken);
        var resign = test.Service.Received.Select(command => command.Resign).OfType<Resign>().Single();
        (resign.Election, resign.CampaignId, resign.FencingToken)
            .ShouldBe(("e", leader.CampaignId, leader.FencingToken));
        leader.IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task A_wait_that_runs_out_and_a_cancelled_one_lead_nothing()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await Campaign(test, "e").Soon();
        await Should.ThrowAsync<TimeoutException>(() => Campaign(test, "e", TimeSpan.Zero).Soon());
        using var cancellation = new CancellationTokenSource();
        var waiting = test.Elections.CampaignAsync("e", "", null, cancellation.Token);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting.Soon());
        test.Service.Cancels.Single().AcquireId.ShouldBe(
            test.Service.Received.Last(command => command.Campaign is not null).Campaign!.CommandId);
    }

    [Fact]
    public async Task Leadership_is_lost_with_the_session_and_regained_under_a_new_one()
    {
        await using var test = new ClientUnderTest();
        var leader = await Campaign(test, "e").Soon();
        var lost = leader.Lost;
        test.Service.LosesHeartbeats = true;

        test.Pass(14.7);
        lost.IsCancellationRequested.ShouldBeTrue();
        leader.IsLost.ShouldBeTrue();
        test.Service.Table.End(test.Service.SessionId);
        test.Service.LosesHeartbeats = false;

        await using var again = await Campaign(test, "e").Soon();
        again.FencingToken.ShouldBeGreaterThan(leader.FencingToken);
        again.IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task A_leadership_that_nobody_here_wants_is_resigned()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        var session = test.Service.SessionId;
        var orphan = new Campaign { CommandId = "orphan", SessionId = session, Election = "e" };
        _ = test.Service.Table.Do(new LockCommand { Campaign = orphan }).ToList();

        test.Pass(5); // the heartbeat's answer lists it

        var resign = test.Service.Received.Select(command => command.Resign).OfType<Resign>().Single();
        (resign.Election, resign.CampaignId).ShouldBe(("e", "orphan"));
        test.Service.Table.LeaderOf("e").ShouldBeNull();
    }

    [Fact]
    public async Task Who_leads_can_be_asked()
    {
        await using var test = new ClientUnderTest();
        (await test.Elections.GetLeaderAsync("e", Cancellation).Soon()).Leader.ShouldBeNull();
        await using var leader = await Campaign(test, "e").Soon();

        var view = await test.Elections.GetLeaderAsync("e", Cancellation).Soon();

        (view.Election, view.Leader!.CampaignId).ShouldBe(("e", leader.CampaignId));
        test.Service.IsDeaf = true;
        var unanswered = test.Elections.GetLeaderAsync("e", Cancellation);
        test.Pass(10);
        await Should.ThrowAsync<MusterUnknownException>(() => unanswered.Soon());
        test.Service.IsDeaf = false;
    }

    [Fact]
    public async Task An_observer_is_told_the_leader_and_every_change_and_never_an_older_one()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.Index = 10;
        await using var observer = new Reader<ElectionView>(test.Elections.ObserveAsync("e", Cancellation));
        (await observer.NextAsync()).Leader.ShouldBeNull();

        test.Link.Deliver(Changed(20, "a"));
        (await observer.NextAsync()).Leader!.CampaignId.ShouldBe("a");
        test.Link.Deliver(Changed(15, "older"));
        test.Link.Deliver(Changed(20, "a"));
        test.Link.Deliver(Changed(99, "of the old epoch", epoch: 0));
        test.Link.Deliver(Changed(30, "b") with { Election = "other" });
        test.Link.Deliver(Changed(21, null));
        var view = await observer.NextAsync();

        (view.Leader, view.Epoch, view.Index.Value).ShouldBe((null, 1, 21));
    }

    [Fact]
    public async Task A_slow_observer_gets_the_newest()
    {
        await using var test = new ClientUnderTest();
        await using var observer = new Reader<ElectionView>(test.Elections.ObserveAsync("e", Cancellation));
        await observer.NextAsync();

        for (var index = 20; index < 40; index++)
        {
            test.Link.Deliver(Changed(index, $"c{index}"));
        }

        (await observer.NextAsync()).Leader!.CampaignId.ShouldBe("c39");
    }

    [Fact]
    public async Task A_lost_change_is_found_while_the_stream_moves_or_after_a_reconnect()
    {
        await using var test = new ClientUnderTest();
        await using var observer = new Reader<ElectionView>(test.Elections.ObserveAsync("e", Cancellation));
        (await observer.NextAsync()).Leader.ShouldBeNull();
        var leader = await Campaign(test, "e").Soon(); // the double publishes no events
        test.Pass(60);
        observer.ShouldBeQuiet();

        test.Link.Deliver(new LockEventsHead { Group = "lock", Number = 7 });
        test.Pass(2.1);
        (await observer.NextAsync()).Leader!.CampaignId.ShouldBe(leader.CampaignId);
        test.Link.GoDown();
        test.Service.Table.Break(leader.CampaignId);
        test.Link.GoUp();

        (await observer.NextAsync()).Leader.ShouldBeNull();
    }

    [Fact]
    public async Task A_head_that_does_not_move_is_not_asked_about()
    {
        await using var test = new ClientUnderTest();
        await using var observer = new Reader<ElectionView>(test.Elections.ObserveAsync("e", Cancellation));
        await observer.NextAsync();
        int Asked() => test.Service.Received.Count(command => command.ObserveLeader is not null);

        for (var second = 0; second < 30; second++)
        {
            test.Link.Deliver(new LockEventsHead { Group = "lock", Number = 7 });
            test.Pass(1);
        }
        var still = Asked();
        for (var tenth = 0; tenth < 300; tenth++)
        {
            test.Link.Deliver(new LockEventsHead { Group = "lock", Number = 8 + tenth });
            test.Pass(0.1);
        }

        still.ShouldBe(2);
        (Asked() - still).ShouldBeInRange(12, 16); // every two seconds, however fast it moves
    }

    [Fact]
    public async Task Observing_ends_by_refusal_or_the_clients_end()
    {
        await using var test = new ClientUnderTest();
        test.Service.IsDeaf = true;
        await using var refused = new Reader<ElectionView>(test.Elections.ObserveAsync("e", Cancellation));
        refused.ShouldBeQuiet();
        test.Service.Deliver(LockTable.Refused(
            test.Service.Received.Single().ObserveLeader!.CommandId, LockRefusal.NameInvalid));
        await Should.ThrowAsync<MusterRefusedException>(() => refused.NextAsync());
        test.Service.IsDeaf = false;
        await using var open = new Reader<ElectionView>(test.Elections.ObserveAsync("f", Cancellation));
        await open.NextAsync();

        await test.Client.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => open.NextAsync());
    }

    [Fact]
    public async Task An_operator_breaks_a_lock()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();

        var broken = await test.Locks.BreakAsync("a", "stuck", Cancellation).AsTask().Soon();
        var nothing = await test.Locks.BreakAsync("a", cancellationToken: Cancellation).AsTask().Soon();
        test.Pass(5);

        (broken.WasHeld, broken.BrokenToken).ShouldBe((true, handle.FencingToken));
        broken.FencingToken.ShouldBeGreaterThan(handle.FencingToken);
        nothing.WasHeld.ShouldBeFalse();
        var sent = test.Service.Received.First(command => command.BreakLock is not null).BreakLock!;
        sent.Reason.ShouldBe("stuck");
        handle.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task A_value_above_1024_characters_is_refused_at_once()
    {
        await using var test = new ClientUnderTest();

        var refused = await Should.ThrowAsync<ArgumentException>(
            () => test.Elections.CampaignAsync(
                "e", new string('v', 1_025), null, TestContext.Current.CancellationToken).Soon());

        refused.Message.ShouldContain("The value has 1025 characters, at most 1024.");
    }
}

using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

/// <summary>A leader publishes another value and leads on.</summary>
public class ProclaimTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<ILeadership> LeadAsync(ClientUnderTest test) =>
        test.Elections.CampaignAsync("e", "v", null, Cancellation).Soon();

    private static List<Proclaim> Sent(ClientUnderTest test) =>
        [.. test.Service.Received.Select(command => command.Proclaim).OfType<Proclaim>()];

    /// <summary>The answer to a proclamation, with the place of its event.</summary>
    private static LockReply Done(Proclaim proclaim, long index, int ordinal = 0, long epoch = 1) => new()
    {
        ValueProclaimed = new ValueProclaimed
        {
            CommandId = proclaim.CommandId,
            Event = new EventId { Epoch = epoch, Index = new LogIndex(index), Ordinal = ordinal },
        },
    };

    [Fact]
    public async Task The_value_is_another_under_the_same_campaign_and_token()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await LeadAsync(test);
        var (campaign, token) = (leader.CampaignId, leader.FencingToken);

        await leader.ProclaimAsync("w", Cancellation).Soon();

        (leader.Value, leader.CampaignId, leader.FencingToken).ShouldBe(("w", campaign, token));
        leader.IsLost.ShouldBeFalse();
        var sent = Sent(test).Single();
        (sent.SessionId, sent.Election, sent.CampaignId, sent.FencingToken, sent.Value)
            .ShouldBe((test.Service.SessionId, "e", campaign, token, "w"));
        var view = await test.Elections.GetLeaderAsync("e", Cancellation).Soon();
        (view.Leader!.CampaignId, view.Leader.Value).ShouldBe((campaign, "w"));
    }

    /// <summary>The leader's session and token are what they were: only the value tells them apart.</summary>
    [Fact]
    public async Task An_observer_is_told_a_value_of_the_same_leader_by_its_event_and_when_that_is_lost()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await LeadAsync(test);
        await using var observer = new Reader<ElectionView>(test.Elections.ObserveAsync("e", Cancellation));
        var first = (await observer.NextAsync()).Leader!;
        first.Value.ShouldBe("v");

        test.Link.Deliver(new LeaderChanged
        {
            Election = "e",
            Leader = first with { Value = "w" },
            Event = new EventId { Epoch = 1, Index = new LogIndex(test.Service.Table.Index + 1) },
        });
        (await observer.NextAsync()).Leader.ShouldBe(first with { Value = "w" });

        test.Service.Table.Index += 10;
        await leader.ProclaimAsync("x", Cancellation).Soon(); // the double publishes no events
        observer.ShouldBeQuiet();
        test.Link.Deliver(new LockEventsHead { Group = "lock", Number = 7 });
        test.Pass(2.1);
        (await observer.NextAsync()).Leader.ShouldBe(first with { Value = "x" });
    }

    [Fact]
    public async Task A_lost_leadership_proclaims_nothing_and_sends_nothing()
    {
        await using var test = new ClientUnderTest();
        var leader = await LeadAsync(test);
        test.Service.LosesHeartbeats = true;
        test.Pass(14.7);

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => leader.ProclaimAsync("w", Cancellation).Soon());

        refused.Reason.ShouldBe(LockRefusal.NotHeld);
        leader.Value.ShouldBe("v");
        Sent(test).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nor_does_one_that_is_given_back()
    {
        await using var test = new ClientUnderTest();
        var leader = await LeadAsync(test);
        await leader.DisposeAsync().Soon();

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => leader.ProclaimAsync("w", Cancellation).Soon());

        refused.Reason.ShouldBe(LockRefusal.NotHeld);
        Sent(test).ShouldBeEmpty();
        leader.IsLost.ShouldBeFalse();
    }

    /// <summary>Not at the next heartbeat only.</summary>
    [Theory]
    [InlineData(LockRefusal.NotHeld)]
    [InlineData(LockRefusal.NotHolder)]
    [InlineData(LockRefusal.SessionUnknown)]
    public async Task A_leader_that_the_service_does_not_know_any_more_learns_it_by_the_refusal(
        LockRefusal reason)
    {
        await using var test = new ClientUnderTest();
        var leader = await LeadAsync(test);
        test.Service.Override = command => command.Proclaim is { } proclaim
            ? LockTable.Refused(proclaim.CommandId, reason)
            : null;

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => leader.ProclaimAsync("w", Cancellation).Soon());

        refused.Reason.ShouldBe(reason);
        leader.IsLost.ShouldBeTrue();
        leader.Value.ShouldBe("v");
    }

    [Fact]
    public async Task Any_other_refusal_leaves_the_leadership()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await LeadAsync(test);
        test.Service.Override = command => command.Proclaim is { } proclaim
            ? LockTable.Refused(proclaim.CommandId, LockRefusal.LimitReached)
            : null;

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => leader.ProclaimAsync("w", Cancellation).Soon());

        refused.Reason.ShouldBe(LockRefusal.LimitReached);
        (leader.IsLost, leader.Value).ShouldBe((false, "v"));
    }

    [Fact]
    public async Task One_whose_answer_was_lost_is_not_done_again_and_its_value_is_known_once_resolved()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await LeadAsync(test);
        test.Service.IsMute = true;
        var unknown = await OutcomeTests.UnknownAsync(test, leader.ProclaimAsync("w", Cancellation));
        test.Service.IsMute = false;
        test.Service.Table.LeaderOf("e")!.Value.ShouldBe("w");
        leader.Value.ShouldBe("v", "nobody has confirmed the other");

        var outcome = await OutcomeTests.ResolvedAsync(test, unknown.ResolveAsync(Cancellation));

        (outcome.Kind, outcome.Result, leader.Value).ShouldBe((OutcomeKind.Done, null, "w"));
        Sent(test).Select(proclaim => proclaim.CommandId).Distinct().ShouldBe([unknown.CommandId]);
        test.Service.Table.Index.ShouldBe(1, "it was done once");
    }

    [Fact]
    public async Task An_unknown_one_of_a_leadership_that_ended_meanwhile_is_refused()
    {
        await using var test = new ClientUnderTest();
        var leader = await LeadAsync(test);
        test.Service.Loses = command => command.Proclaim is not null;
        var unknown = await OutcomeTests.UnknownAsync(test, leader.ProclaimAsync("w", Cancellation));
        await leader.DisposeAsync().Soon();
        test.Service.Loses = _ => false;

        var outcome = await OutcomeTests.ResolvedAsync(test, unknown.ResolveAsync(Cancellation));

        (outcome.Kind, outcome.Refusal!.Reason).ShouldBe((OutcomeKind.Refused, LockRefusal.NotHeld));
        leader.Value.ShouldBe("v");
    }

    [Fact]
    public async Task Of_several_at_a_time_the_value_is_that_of_the_last_in_the_log_whoever_is_answered_last()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await LeadAsync(test);
        test.Service.Loses = command => command.Proclaim is not null;
        List<Task> calls =
        [
            leader.ProclaimAsync("a", Cancellation), leader.ProclaimAsync("b", Cancellation),
            leader.ProclaimAsync("c", Cancellation),
        ];
        test.Pass(0.1); // two wait for the first one's answer, but not for long
        var sent = Sent(test).DistinctBy(proclaim => proclaim.Value)
            .ToDictionary(proclaim => proclaim.Value);

        test.Service.Deliver(Done(sent["b"], index: 9, ordinal: 1));
        test.Service.Deliver(Done(sent["a"], index: 9, ordinal: 0), Done(sent["c"], index: 8, ordinal: 5));
        await Task.WhenAll(calls).Soon();

        leader.Value.ShouldBe("b");
    }

    [Fact]
    public async Task A_value_above_1024_characters_or_none_is_refused_at_once()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await LeadAsync(test);

        var refused = await Should.ThrowAsync<ArgumentException>(
            () => leader.ProclaimAsync(new string('v', 1_025), Cancellation).Soon());
        refused.Message.ShouldContain("The value has 1025 characters, at most 1024.");
        await Should.ThrowAsync<ArgumentNullException>(
            () => leader.ProclaimAsync(null!, Cancellation).Soon());

        Sent(test).ShouldBeEmpty();
        await leader.ProclaimAsync(new string('v', 1_024), Cancellation).Soon();
        leader.Value.Length.ShouldBe(1_024);
    }

    [Fact]
    public async Task An_elected_service_proclaims_through_its_context()
    {
        await using var test = new ClientUnderTest();
        await using var leader = await LeadAsync(test);
        var context = new LeaderContext(leader);

        await context.ProclaimAsync("w", Cancellation).Soon();

        (context.Value, leader.Value).ShouldBe(("w", "w"));
        test.Service.Table.LeaderOf("e")!.Value.ShouldBe("w");
    }
}

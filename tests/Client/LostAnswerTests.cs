using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

public class LostAnswerTests
{
    [Fact]
    public async Task A_replica_that_is_overloaded_did_nothing_and_is_asked_again_under_the_same_id()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var acquire = test.Acquire("a");
        var sent = await test.Service.SeesAsync(command => command.AcquireLock?.Name == "a");
        test.Service.Deliver(LockTable.Refused(sent.AcquireLock!.CommandId, LockRefusal.Overloaded));
        test.Service.IsDeaf = false;

        test.Pass(1.01);

        (await acquire.Soon()).AcquireId.ShouldBe(sent.AcquireLock.CommandId);
    }

    [Fact]
    public async Task A_broken_locks_holder_is_told_by_the_event_and_not_by_the_next_renewal()
    {
        await using var test = new ClientUnderTest();
        var broken = await test.Acquire("a").Soon();
        var kept = await test.Acquire("b").Soon();

        test.Link.Deliver(new LockLost
        {
            Name = "a",
            SessionId = test.Service.SessionId,
            AcquireId = broken.AcquireId,
            Cause = "Broken",
        });

        await broken.Lost.FiresAsync();
        (broken.IsLost, kept.IsLost).ShouldBe((true, false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lost_locks_are_listened_for_whether_or_not_other_events_are(bool receiveEvents)
    {
        await using var test = new ClientUnderTest(options => options.ReceiveEvents = receiveEvents);
        await test.Acquire("a").Soon();

        var subscriptions = test.Link.Options.Subscriptions;

        subscriptions.ShouldContain(test.Links.Names.Exchange(typeof(LockLost)));
        (subscriptions.Count > 1).ShouldBe(receiveEvents);
    }

    /// <summary>The client was away for the grant, the break and its event; the repeat tells.</summary>
    [Fact]
    public async Task A_lock_that_was_granted_and_broken_unheard_is_acquired_anew()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsMute = true;
        var acquiring = test.Acquire("a");
        var first = test.Service.Acquires.Last().CommandId;
        test.Service.Table.Break(first);
        test.Service.Override = command => command.AcquireLock?.CommandId == first
            ? LockTable.Refused(first, LockRefusal.NotHeld)
            : null;
        test.Service.IsMute = false;

        test.Pass(1.1);

        (await acquiring.Soon()).AcquireId.ShouldNotBe(first);
    }

    [Fact]
    public async Task A_lock_that_was_broken_before_its_grant_came_is_acquired_anew()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsSlow = true;
        var acquiring = test.Acquire("a");
        var first = test.Service.Acquires.Last();
        test.Service.Table.Break(first.CommandId);
        test.Service.IsSlow = false;
        test.Link.Deliver(new LockLost
        {
            Name = "a",
            SessionId = first.SessionId,
            AcquireId = first.CommandId,
            Cause = "Broken",
        });
        await test.Service.SeesAsync(command => command.AcquireLock is { Name: "a" }, 2);

        test.Service.DeliverKept(); // the grant that was taken away

        var handle = await acquiring.Soon();
        handle.AcquireId.ShouldNotBe(first.CommandId);
        handle.IsLost.ShouldBeFalse();
        test.Service.Table.HolderOf("a").ShouldBe(handle.AcquireId);
        test.Service.Releases.ShouldNotContain(release => release.Name == "a");
    }

    [Fact]
    public async Task A_lost_grant_is_found_in_a_heartbeats_answer()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy");
        test.Service.IsMute = true;
        test.Service.FreeByOther("busy"); // the grant is lost on its way
        waiting.IsCompleted.ShouldBeFalse();

        test.Pass(5);

        var handle = await waiting.Soon();
        handle.AcquireId.ShouldBe(test.Service.Acquires.Single().CommandId);
        handle.FencingToken.Value.ShouldBe(2);
        handle.IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lost_end_of_a_wait_is_asked_for_under_the_same_id()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.TryAcquire("busy", 60);
        var first = test.Service.Acquires.Single();
        test.Service.Table.RunOut(first.CommandId); // its answer is lost

        test.Pass(5);

        (await waiting.Soon()).ShouldBeNull();
        test.Service.Acquires.Select(acquire => (acquire.CommandId, acquire.Sequence))
            .ShouldBe([(first.CommandId, first.Sequence), (first.CommandId, first.Sequence)]);
    }

    [Fact]
    public async Task An_end_that_the_service_has_forgotten_is_another_try()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy", 60);
        var first = test.Service.Acquires.Single();
        test.Service.Table.RunOut(first.CommandId);
        test.Service.IsDeaf = true;
        test.Pass(5);
        test.Service.Acquires.Count().ShouldBe(2);
        test.Service.IsDeaf = false;
        test.Service.Deliver(LockTable.Refused(first.CommandId, LockRefusal.AlreadyAnswered));

        var seen = await test.Service.SeesAsync(command => command.AcquireLock is not null, 3);
        var again = seen.AcquireLock!;
        test.Service.FreeByOther("busy");

        again.CommandId.ShouldNotBe(first.CommandId);
        (await waiting.Soon()).AcquireId.ShouldBe(again.CommandId);
    }

    [Fact]
    public async Task A_wait_that_the_answer_lists_is_left_alone()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy");

        test.Pass(60);

        waiting.IsCompleted.ShouldBeFalse();
        test.Service.Acquires.Count().ShouldBe(1);
        test.Service.FreeByOther("busy");
        await waiting.Soon();
    }

    [Fact]
    public async Task A_grant_after_the_lease_is_given_back_and_the_waiter_goes_on()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy");
        var first = test.Service.Acquires.Single();
        test.Time.Advance(TimeSpan.FromSeconds(2));
        test.Time.MoveWallClock(TimeSpan.FromSeconds(20)); // asleep; the grant is already here

        test.Service.FreeByOther("busy");

        test.Service.Releases.First().AcquireId.ShouldBe(first.CommandId);
        var handle = await waiting.Soon();
        handle.AcquireId.ShouldNotBe(first.CommandId);
        handle.IsLost.ShouldBeFalse();
        test.Service.Table.HolderOf("busy").ShouldBe(handle.AcquireId);
    }

    [Fact]
    public async Task A_grant_whose_lease_runs_out_before_the_caller_has_it_is_not_handed_out()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        var answer = test.Links.OnPublish;
        test.Links.OnPublish = (link, published) =>
        {
            answer(link, published); // the grant is here; then the machine sleeps before the call returns
            test.Links.OnPublish = answer;
            test.Time.MoveWallClock(TimeSpan.FromSeconds(20));
        };

        var handle = await test.Acquire("a").Soon();

        handle.IsLost.ShouldBeFalse();
        var tries = test.Service.Acquires.Where(acquire => acquire.Name == "a").ToList();
        tries.Select(acquire => acquire.SessionId).Distinct().Count().ShouldBe(2);
        handle.AcquireId.ShouldBe(tries[1].CommandId);
        test.Service.Releases.Last().AcquireId.ShouldBe(tries[0].CommandId);
        test.Service.Table.HolderOf("a").ShouldBe(handle.AcquireId);
    }

    [Fact]
    public async Task A_repeated_grant_of_a_held_or_released_lock_changes_nothing()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        var repeat = new LockReply
        {
            LockGranted = new LockGranted
            {
                CommandId = handle.AcquireId,
                SessionId = test.Service.SessionId,
                Name = "a",
                FencingToken = handle.FencingToken,
            },
        };
        test.Service.Deliver(repeat);
        handle.IsLost.ShouldBeFalse();
        test.Service.Releases.ShouldBeEmpty();
        await handle.DisposeAsync();

        test.Service.Deliver(repeat);

        test.Service.Releases.Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_lock_that_the_service_holds_for_nobody_here_is_given_back()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        var orphan = new AcquireLock { CommandId = "orphan", SessionId = test.Service.SessionId, Name = "a" };
        _ = test.Service.Table.Do(new LockCommand { AcquireLock = orphan }).ToList();

        test.Pass(5);

        test.Service.Releases.Last().AcquireId.ShouldBe("orphan");
        test.Service.Releases.Last().FencingToken.ShouldBe(new FencingToken(2));
        test.Service.Table.HolderOf("a").ShouldBeNull();
    }

    [Fact]
    public async Task Malformed_and_foreign_messages_are_dropped()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Link.DeliverRaw("Muster.Contracts.Lock:LockReplyBatch", "{"u8.ToArray());
        test.Link.DeliverRaw("Muster.Contracts.Lock:LockGranted", "{}"u8.ToArray());
        test.Service.Deliver(new LockReply());

        (await test.Acquire("a").Soon()).IsLost.ShouldBeFalse();
    }
}

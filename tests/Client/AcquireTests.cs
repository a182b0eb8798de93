using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

public class AcquireTests
{
    [Fact]
    public async Task A_granted_lock_has_its_name_id_and_a_growing_token()
    {
        await using var test = new ClientUnderTest();
        await using var first = await test.Acquire("a").Soon();
        await using var second = await test.Acquire("b").Soon();

        first.Name.ShouldBe("a");
        first.AcquireId.ShouldBe(test.Service.Acquires.First().CommandId);
        second.FencingToken.ShouldBeGreaterThan(first.FencingToken);
        test.Service.Table.HolderOf("a").ShouldBe(first.AcquireId);
    }

    [Fact]
    public async Task A_busy_lock_is_null_for_try_and_a_timeout_for_acquire()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");

        (await test.TryAcquire("busy").Soon()).ShouldBeNull();
        await Should.ThrowAsync<TimeoutException>(() => test.Acquire("busy", 0).Soon());

        test.Service.Acquires.Select(acquire => acquire.WaitMilliseconds).ShouldBe([0L, 0L]);
    }

    [Fact]
    public async Task Two_acquires_of_one_client_exclude_each_other()
    {
        await using var test = new ClientUnderTest();
        var first = await test.Acquire("a").Soon();
        var second = test.Acquire("a", 60);
        second.IsCompleted.ShouldBeFalse();

        await first.DisposeAsync();

        (await second.Soon()).FencingToken.ShouldBeGreaterThan(first.FencingToken);
    }

    [Fact]
    public async Task The_service_is_asked_to_wait_as_long_as_the_caller_does()
    {
        await using var test = new ClientUnderTest();
        await test.Acquire("a", 2.5).Soon();
        await test.Acquire("b").Soon();

        test.Service.Acquires.Select(acquire => acquire.WaitMilliseconds).ShouldBe([2_500L, 86_400_000L]);
    }

    [Fact]
    public async Task A_wait_without_limit_that_ran_out_at_the_service_is_asked_for_again()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy");
        test.Service.Deliver(test.Service.Table.RunOut(test.Service.Acquires.Single().CommandId));

        var again = await test.Service.SeesAsync(command => command.AcquireLock is not null, 2);
        test.Service.FreeByOther("busy");

        (await waiting.Soon()).AcquireId.ShouldBe(again.AcquireLock!.CommandId);
    }

    [Fact]
    public async Task A_wait_ends_a_second_late_when_the_service_does_not_end_it()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy", 3);

        test.Pass(3.99);
        waiting.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);

        await Should.ThrowAsync<TimeoutException>(() => waiting.Soon());
        test.Service.Cancels.Single().AcquireId.ShouldBe(test.Service.Acquires.Single().CommandId);
    }

    [Fact]
    public async Task An_unanswered_command_is_sent_again_every_second_under_its_id_and_number()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsMute = true;
        var acquire = test.Acquire("a");

        test.Pass(3);
        var sent = test.Service.Acquires.Where(sent => sent.Name == "a").ToList();
        test.Service.IsMute = false;
        test.Pass(1);

        sent.Count.ShouldBe(4);
        sent.Select(command => (command.CommandId, command.Sequence)).Distinct().Count().ShouldBe(1);
        (await acquire.Soon()).AcquireId.ShouldBe(sent[0].CommandId);
        test.Pass(2);
        test.Service.Acquires.Count(command => command.Name == "a").ShouldBe(5);
    }

    [Fact]
    public async Task Unanswered_for_the_call_timeout_is_unknown_and_cancelled_until_answered()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var acquire = test.Acquire("a");

        test.Pass(9.99);
        acquire.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);

        var unknown = await Should.ThrowAsync<MusterUnknownException>(() => acquire.Soon());
        unknown.CommandId.ShouldBe(test.Service.Acquires.Last().CommandId);
        test.Pass(2);
        test.Service.IsDeaf = false;
        test.Pass(3);
        var cancels = test.Service.Cancels.ToList();
        cancels.Count.ShouldBe(4); // at once, twice to deaf ears, once heard
        cancels.ShouldAllBe(cancel => cancel.AcquireId == unknown.CommandId);
        cancels.Select(cancel => cancel.CommandId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_wait_without_limit_outlasts_any_time_in_which_nothing_can_be_sent()
    {
        await using var test = new ClientUnderTest(startUp: false);
        var unlimited = test.Acquire("a");
        var longest = test.Locks.AcquireAsync(
            "b", TimeSpan.MaxValue, TestContext.Current.CancellationToken).AsTask();
        test.Pass(60);
        (unlimited.IsCompleted, longest.IsCompleted).ShouldBe((false, false));

        test.Link.GoUp();

        await unlimited.Soon();
        await longest.Soon();
    }

    [Fact]
    public async Task An_acquire_whose_link_was_lost_before_it_went_waits_on()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        // Four are unanswered: the next command lines up, and then the link is gone.
        test.Service.IsDeaf = true;
        var unanswered = Enumerable.Range(0, 4).Select(i => test.TryAcquire($"{i}")).ToList();
        var unlimited = test.Acquire("a");
        var limited = test.Acquire("b", 60);
        var short_ = test.Acquire("c", 1);
        test.Service.Acquires.ShouldNotContain(acquire => acquire.Name == "a");
        test.Link.GoDown();
        test.Pass(11);
        foreach (var one in unanswered)
        {
            await Should.ThrowAsync<MusterUnknownException>(() => one.Soon());
        }
        await Should.ThrowAsync<TimeoutException>(() => short_.Soon());
        (unlimited.IsCompleted, limited.IsCompleted).ShouldBe((false, false));
        test.Service.IsDeaf = false;

        test.Link.GoUp();

        (await unlimited.Soon()).IsLost.ShouldBeFalse();
        (await limited.Soon()).IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_never_sent_times_out_as_not_held()
    {
        await using var test = new ClientUnderTest(startUp: false);
        var short_ = test.Acquire("a", 1);
        var long_ = test.Acquire("a", 20);

        test.Pass(9.99);
        short_.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);
        await Should.ThrowAsync<TimeoutException>(() => short_.Soon());
        test.Pass(9.99);
        long_.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);

        await Should.ThrowAsync<TimeoutException>(() => long_.Soon());
        test.Link.GoUp();
        test.Link.Published.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_answer_unknown_has_the_command_sent_again()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var acquire = test.Acquire("a");
        var id = test.Service.Acquires.Last().CommandId;
        test.Service.Deliver(new LockReply { LockUnknown = new LockUnknown { CommandId = id } });
        test.Service.Deliver(LockTable.Refused(id, LockRefusal.NotReady));
        test.Service.IsDeaf = false;

        test.Pass(1);

        (await acquire.Soon()).AcquireId.ShouldBe(id);
    }

    [Fact]
    public async Task Refusals_carry_their_reason()
    {
        await using var test = new ClientUnderTest();

        var refused = await Should.ThrowAsync<MusterRefusedException>(() => test.Acquire("").Soon());

        refused.Reason.ShouldBe(LockRefusal.NameInvalid);
        refused.Message.ShouldContain("by the double");
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => test.TryAcquire("a", -1).Soon());
        await Should.ThrowAsync<ArgumentNullException>(() => test.Acquire(null!).Soon());
    }

    [Fact]
    public async Task A_refused_session_refuses_whoever_waits_for_it()
    {
        await using var test = new ClientUnderTest();
        test.Service.IsDeaf = true;
        var acquire = test.Acquire("a");
        var open = test.Service.Opens.Single();
        test.Service.Deliver(LockTable.Refused(open.CommandId, LockRefusal.LimitReached));

        var refused = await Should.ThrowAsync<MusterRefusedException>(() => acquire.Soon());

        refused.Reason.ShouldBe(LockRefusal.LimitReached);
        test.Service.IsDeaf = false;
        (await test.Acquire("a").Soon()).IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task Describing_names_the_holder_and_is_unknown_unanswered()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();

        (await test.Describe("a").Soon()).Holders[0].AcquireId.ShouldBe(handle.AcquireId);
        (await test.Describe("free").Soon()).Holders.ShouldBeEmpty();
        test.Service.IsDeaf = true;
        var unanswered = test.Describe("a");
        test.Pass(10);

        await Should.ThrowAsync<MusterUnknownException>(() => unanswered.Soon());
    }
}

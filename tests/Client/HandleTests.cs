using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

public class HandleTests
{
    [Fact]
    public async Task Disposing_twice_releases_once_and_is_not_a_loss()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();

        await Task.WhenAll(handle.DisposeAsync().AsTask(), handle.DisposeAsync().AsTask()).Soon();
        await handle.DisposeAsync().Soon();
        test.Pass(20);

        var release = test.Service.Releases.Single();
        (release.Name, release.AcquireId, release.FencingToken)
            .ShouldBe((handle.Name, handle.AcquireId, handle.FencingToken));
        handle.IsLost.ShouldBeFalse();
        test.Service.Table.HolderOf("a").ShouldBeNull();
    }

    [Fact]
    public async Task An_unanswered_release_is_waited_for_one_call_timeout_and_goes_on_behind()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.IsDeaf = true;
        var disposing = handle.DisposeAsync().AsTask();

        test.Pass(9.99);
        disposing.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);
        await disposing.Soon();
        test.Service.Releases.Select(release => release.CommandId).Distinct().Count().ShouldBe(1);
        test.Service.IsDeaf = false;
        test.Pass(1);

        test.Service.Table.HolderOf("a").ShouldBeNull();
    }

    [Theory]
    [InlineData(LockRefusal.NotHeld)]
    [InlineData(LockRefusal.SessionUnknown)]
    public async Task A_release_of_what_is_gone_ends_quietly(LockRefusal reason)
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.IsDeaf = true;
        var disposing = handle.DisposeAsync().AsTask();

        test.Service.Deliver(LockTable.Refused(test.Service.Releases.Single().CommandId, reason));

        await disposing.Soon();
        test.Service.Releases.Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_release_refused_for_a_limit_is_made_good_at_the_next_heartbeat()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.IsDeaf = true;
        var disposing = handle.DisposeAsync().AsTask();
        var refused = test.Service.Releases.Single();
        test.Service.Deliver(LockTable.Refused(refused.CommandId, LockRefusal.LimitReached));
        await disposing.Soon();
        test.Service.IsDeaf = false;

        test.Pass(5);

        test.Service.Releases.Last().CommandId.ShouldNotBe(refused.CommandId);
        test.Service.Table.HolderOf("a").ShouldBeNull();
    }

    [Fact]
    public async Task A_lock_that_a_heartbeats_answer_does_not_list_is_lost()
    {
        await using var test = new ClientUnderTest();
        var broken = await test.Acquire("a").Soon();
        var kept = await test.Acquire("b").Soon();
        test.Service.Table.Break(broken.AcquireId);

        test.Pass(4.99);
        broken.IsLost.ShouldBeFalse();
        test.Pass(0.01);

        broken.IsLost.ShouldBeTrue();
        await broken.Lost.FiresAsync();
        kept.IsLost.ShouldBeFalse();
        await broken.DisposeAsync().Soon();
    }

    [Fact]
    public async Task A_long_session_is_renewed_every_10_seconds_so_that_a_broken_lock_is_noticed()
    {
        await using var test = new ClientUnderTest(options => options.SessionTtl = TimeSpan.FromHours(24));
        var handle = await test.Acquire("a").Soon();
        test.Service.Table.Break(handle.AcquireId); // its event is lost

        test.Pass(9.9);
        handle.IsLost.ShouldBeFalse();
        test.Pass(0.2);

        handle.IsLost.ShouldBeTrue();
        test.Link.Published.Single(published => published.Message is Heartbeat)
            .Options!.TimeToLive.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_lock_granted_after_the_heartbeat_was_sent_is_not_missed_in_its_answer()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.LosesHeartbeats = true;
        test.Pass(5);
        var handle = await test.Acquire("a").Soon();
        // The answer was written before the grant, so it cannot list it.
        test.Service.Table.Break(handle.AcquireId);

        test.Service.Answer(test.Service.Heartbeats.Single());
        handle.IsLost.ShouldBeFalse();
        test.Pass(5);
        test.Service.Answer(test.Service.Heartbeats[1]);

        handle.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task A_callback_on_lost_that_throws_harms_nobody()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        var other = await test.Acquire("b").Soon();
        handle.Lost.Register(() => throw new InvalidOperationException("a user's fault"));
        test.Service.Table.End(test.Service.SessionId);

        test.Pass(5);

        await handle.Lost.FiresAsync();
        other.IsLost.ShouldBeTrue();
        (await test.Acquire("a").Soon()).IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task Disposing_a_lost_lock_waits_for_nothing_and_frees_it_if_it_is_still_there()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Time.MoveWallClock(TimeSpan.FromSeconds(20)); // lost here, not yet there

        await handle.DisposeAsync().Soon();

        handle.IsLost.ShouldBeTrue();
        test.Service.Releases.Single().AcquireId.ShouldBe(handle.AcquireId);
        test.Service.Table.HolderOf("a").ShouldBeNull();
    }
}

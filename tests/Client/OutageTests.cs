using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

/// <summary>
/// The link is down for longer than a call may stay unanswered, and the session lives for longer still.
/// </summary>
public class OutageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<ClientUnderTest> NewAsync(double ttl = 60)
    {
        var test = new ClientUnderTest(options => options.SessionTtl = TimeSpan.FromSeconds(ttl));
        await test.OpenSessionAsync();
        return test;
    }

    private static List<AcquireLock> SentFor(ClientUnderTest test, string name) =>
        [.. test.Service.Acquires.Where(acquire => acquire.Name == name)];

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, 60.0)]
    [InlineData(false, 60.0)]
    public async Task An_unanswered_acquire_is_granted_after_it_and_once_only(bool isLost, double? seconds)
    {
        await using var test = await NewAsync();
        (test.Service.IsDeaf, test.Service.IsMute) = (isLost, !isLost); // its command is lost, or its grant
        var acquiring = test.Acquire("a", seconds);
        var first = SentFor(test, "a").ShouldHaveSingleItem();
        test.Link.GoDown();
        test.Pass(30);
        acquiring.IsCompleted.ShouldBeFalse();
        (test.Service.IsDeaf, test.Service.IsMute) = (false, false);

        test.Link.GoUp();

        var handle = await acquiring.Soon();
        (handle.AcquireId, handle.IsLost).ShouldBe((first.CommandId, false));
        // A lost grant is told by the answer to the heartbeat that goes first; a lost command has to go
        // again.
        SentFor(test, "a").Select(sent => (sent.CommandId, sent.SessionId, sent.Sequence)).ShouldBe(
            Enumerable.Repeat((first.CommandId, first.SessionId, first.Sequence), isLost ? 2 : 1));
        test.Pass(15);
        handle.IsLost.ShouldBeFalse();
        await handle.DisposeAsync();
        test.Service.Table.HolderOf("a").ShouldBeNull("a second one would hold it now");
        test.Service.Cancels.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_acquire_whose_place_in_the_queue_was_not_told_keeps_it()
    {
        await using var test = await NewAsync();
        test.Service.Table.HoldByOther("busy");
        test.Service.IsMute = true;
        var acquiring = test.Acquire("busy");
        test.Link.GoDown();
        test.Pass(30);
        test.Service.IsMute = false;
        test.Link.GoUp();
        acquiring.IsCompleted.ShouldBeFalse();

        test.Service.FreeByOther("busy");

        (await acquiring.Soon()).AcquireId.ShouldBe(SentFor(test, "busy")[0].CommandId);
        SentFor(test, "busy").Select(sent => sent.CommandId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task The_call_timeout_counts_from_when_the_link_is_back()
    {
        await using var test = await NewAsync();
        test.Service.IsDeaf = true;
        var acquiring = test.Acquire("a");
        test.Pass(5);
        test.Link.GoDown();
        test.Pass(20);
        test.Link.GoUp();

        test.Pass(9.99);
        acquiring.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);

        await Should.ThrowAsync<MusterUnknownException>(() => acquiring.Soon());
        test.Service.IsDeaf = false;
        test.Pass(1);
        test.Service.Cancels.Last().AcquireId.ShouldBe(SentFor(test, "a")[0].CommandId);
    }

    [Fact]
    public async Task When_the_session_runs_out_all_is_said_at_once_and_waiters_go_on_under_another()
    {
        await using var test = await NewAsync(ttl: 20);
        var hold = await test.Locks.AcquireAsync(LockRequest.Upgradeable("u"), null, Cancellation);
        test.Service.IsDeaf = true;
        var waiting = test.Acquire("a");
        var upgrading = hold.UpgradeAsync(null, Cancellation).AsTask();
        var first = SentFor(test, "a").ShouldHaveSingleItem();
        test.Service.Received.Count(command => command.UpgradeLock is not null).ShouldBe(1);
        test.Link.GoDown();

        test.Pass(19.59); // a lease is a fiftieth shorter than its TTL
        (hold.IsLost, upgrading.IsCompleted, waiting.IsCompleted).ShouldBe((false, false, false));
        test.Pass(0.01);

        hold.IsLost.ShouldBeTrue();
        (await Should.ThrowAsync<MusterRefusedException>(() => upgrading.Soon()))
            .Reason.ShouldBe(LockRefusal.NotHeld);
        test.Pass(60);
        waiting.IsCompleted.ShouldBeFalse();
        test.Service.Table.End(first.SessionId);
        test.Service.IsDeaf = false;
        test.Link.GoUp();
        var handle = await waiting.Soon();
        handle.AcquireId.ShouldNotBe(first.CommandId);
        var last = SentFor(test, "a")[^1];
        (last.CommandId, last.SessionId).ShouldBe((handle.AcquireId, test.Service.SessionId));
        await handle.DisposeAsync();
        test.Service.Table.HolderOf("a").ShouldBeNull();
    }

    /// <summary>The service's clock stood still with the broker: it has ended nothing by itself.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public async Task What_is_disposed_in_it_is_free_after_it_though_its_session_was_lost(double at)
    {
        await using var test = await NewAsync(ttl: 15);
        var handle = await test.Acquire("a").Soon();
        test.Link.GoDown();
        test.Pass(at);
        var disposing = handle.DisposeAsync().AsTask();
        test.Pass(26 - at);
        await disposing.Soon();

        test.Link.GoUp();

        test.Service.Table.HolderOf("a").ShouldBeNull();
        test.Service.Releases.Count(release => release.Name == "a").ShouldBe(1);
        test.Pass(30);
        test.Service.Releases.Count(release => release.Name == "a").ShouldBe(1, "it is answered");
    }

    /// <summary>Of a grant that came when nobody waited for it any more.</summary>
    [Fact]
    public async Task What_is_given_back_when_the_session_is_lost_is_free_after_it_too()
    {
        await using var test = await NewAsync(ttl: 15);
        test.Service.Table.HoldByOther("busy");
        using var cancellation = new CancellationTokenSource();
        var waiting = test.Acquire("busy", cancellation);
        test.Service.Loses = command => command.CancelAcquire is not null || command.ReleaseLock is not null;
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.Soon());
        test.Service.LosesHeartbeats = true;
        test.Pass(12);
        test.Service.FreeByOther("busy");
        test.Link.GoDown();
        test.Pass(20);
        test.Service.Loses = _ => false;
        test.Service.Table.HolderOf("busy").ShouldNotBeNull();

        test.Link.GoUp();

        test.Service.Table.HolderOf("busy").ShouldBeNull();
    }

    [Theory]
    [InlineData(40, 40)]
    [InlineData(1, 10)] // less than the call time-out: that is for a wait of no time too
    public async Task A_limited_wait_ends_with_its_limit(double wait, double end)
    {
        await using var test = await NewAsync();
        test.Service.Table.HoldByOther("busy");
        test.Service.IsMute = true;
        var acquiring = test.Acquire("busy", wait);
        var trying = test.TryAcquire("busy", wait);
        test.Link.GoDown();

        test.Pass(end - 0.01);
        (acquiring.IsCompleted, trying.IsCompleted).ShouldBe((false, false));
        test.Pass(0.01);

        await Should.ThrowAsync<MusterUnknownException>(() => acquiring.Soon());
        await Should.ThrowAsync<MusterUnknownException>(() => trying.Soon());
        test.Service.IsMute = false;
        test.Link.GoUp();
        test.Service.Cancels.Select(cancel => cancel.AcquireId).ShouldBe(
            SentFor(test, "busy").Select(sent => sent.CommandId), ignoreOrder: true);
        test.Service.FreeByOther("busy");
        test.Service.Table.HolderOf("busy").ShouldBeNull();
    }

    [Fact]
    public async Task Cancelled_in_it_the_caller_is_told_at_once_and_the_service_when_the_link_is_back()
    {
        await using var test = await NewAsync();
        test.Service.Table.HoldByOther("busy");
        using var cancellation = new CancellationTokenSource();
        test.Service.IsMute = true; // it waits there, and nobody here knows
        var acquiring = test.Acquire("busy", cancellation);
        test.Link.GoDown();
        test.Pass(25);
        acquiring.IsCompleted.ShouldBeFalse();

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => acquiring.Soon());
        test.Service.IsMute = false;
        test.Link.GoUp();
        test.Service.Cancels.Single().AcquireId.ShouldBe(SentFor(test, "busy").Single().CommandId);
        test.Service.FreeByOther("busy");
        test.Service.Table.HolderOf("busy").ShouldBeNull();
    }
}

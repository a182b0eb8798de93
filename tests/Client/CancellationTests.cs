using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

public class CancellationTests
{
    [Fact]
    public async Task Cancelled_before_the_call_sends_nothing()
    {
        await using var test = new ClientUnderTest();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => test.Acquire("a", cancellation).Soon());

        test.Links.Created.ShouldBe(0);
    }

    [Fact]
    public async Task Cancelled_before_it_was_sent_is_never_sent()
    {
        await using var test = new ClientUnderTest(startUp: false);
        using var cancellation = new CancellationTokenSource();
        var acquire = test.Acquire("a", cancellation);

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => acquire.Soon());
        test.Link.GoUp();
        test.Pass(2);

        test.Link.Published.ShouldBeEmpty();
    }

    [Fact]
    public async Task Cancelled_in_line_for_a_batch_is_never_sent_and_its_number_counts_as_answered()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync(); // sequences 1 and 2
        using var cancellation = new CancellationTokenSource();
        test.Service.IsSlow = true;
        var others = Enumerable.Range(0, 4).Select(i => test.Acquire($"n{i}")).ToArray();
        var acquire = test.Acquire("a", cancellation); // sequence 7 gathers behind four that are unanswered

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => acquire.Soon());
        test.Service.IsSlow = false;
        test.Service.DeliverKept();
        await Task.WhenAll(others).Soon();
        await test.Acquire("b").Soon();

        test.Service.Acquires.ShouldAllBe(sent => sent.Name != "a");
        test.Service.Cancels.ShouldBeEmpty();
        test.Service.Acquires.Last().AnsweredBelow.ShouldBe(8);
    }

    [Fact]
    public async Task A_refused_cancel_leaves_no_lock_held_by_nobody()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        await RefuseCancelAsync(test);
        test.Service.IsMute = true;
        test.Service.FreeByOther("busy"); // its grant is lost
        test.Service.IsMute = false;
        test.Service.Table.HolderOf("busy").ShouldNotBeNull();

        test.Pass(5.1); // a heartbeat's answer lists it

        test.Service.Table.HolderOf("busy").ShouldBeNull();
    }

    [Fact]
    public async Task A_refused_cancel_is_made_good_while_the_acquire_still_waits()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        await RefuseCancelAsync(test);

        test.Pass(5.1); // a heartbeat's answer lists the wait
        test.Service.Cancels.Select(cancel => cancel.CommandId).Distinct().Count().ShouldBe(2);
        test.Pass(20);
        test.Service.Cancels.Count().ShouldBe(2);
        test.Service.FreeByOther("busy");

        test.Service.Table.HolderOf("busy").ShouldBeNull();
        test.Service.Releases.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_grant_after_a_refused_cancel_is_given_back_at_once()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        await RefuseCancelAsync(test);

        test.Service.FreeByOther("busy");

        test.Service.Releases.Single().AcquireId.ShouldBe(test.Service.Acquires.Single().CommandId);
        test.Service.Table.HolderOf("busy").ShouldBeNull();
    }

    [Fact]
    public async Task A_wait_whose_acquire_was_refused_here_is_cancelled()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.Table.HoldByOther("busy");
        test.Service.IsMute = true; // it waits, and nobody here knows
        var acquiring = test.Acquire("busy");
        var acquire = test.Service.Acquires.Last();
        test.Service.Deliver(LockTable.Refused(acquire.CommandId, LockRefusal.LimitReached));
        await Should.ThrowAsync<MusterRefusedException>(() => acquiring.Soon());
        test.Service.IsMute = false;

        test.Pass(5.1);

        test.Service.Cancels.Single().AcquireId.ShouldBe(acquire.CommandId);
        test.Service.FreeByOther("busy");
        test.Service.Table.HolderOf("busy").ShouldBeNull();
    }

    /// <summary>An acquire waits at the service, its caller gives up, and the cancel is refused.</summary>
    private static async Task RefuseCancelAsync(ClientUnderTest test)
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = test.Acquire("busy", cancellation);
        test.Service.IsDeaf = true;
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.Soon());
        test.Service.Deliver(LockTable.Refused(
            test.Service.Cancels.Single().CommandId, LockRefusal.LimitReached));
        test.Service.IsDeaf = false;
    }

    [Fact]
    public async Task Cancelled_in_the_queue_is_cancelled_at_the_service()
    {
        await using var test = new ClientUnderTest();
        using var cancellation = new CancellationTokenSource();
        test.Service.Table.HoldByOther("busy");
        var acquire = test.Acquire("busy", cancellation);

        await cancellation.CancelAsync();

        var cancelled = await Should.ThrowAsync<OperationCanceledException>(() => acquire.Soon());
        cancelled.CancellationToken.ShouldBe(cancellation.Token);
        test.Service.Cancels.Single().AcquireId.ShouldBe(test.Service.Acquires.Single().CommandId);
        test.Service.FreeByOther("busy");
        test.Service.Table.HolderOf("busy").ShouldBeNull();
    }

    [Fact]
    public async Task A_cancel_is_repeated_until_it_is_answered()
    {
        await using var test = new ClientUnderTest();
        using var cancellation = new CancellationTokenSource();
        test.Service.Table.HoldByOther("busy");
        var acquire = test.Acquire("busy", cancellation);
        test.Service.IsDeaf = true;
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => acquire.Soon());

        test.Pass(12); // longer than a call: nobody waits for it, so nothing ends it
        test.Service.IsDeaf = false;
        test.Pass(5);

        test.Service.Cancels.Count().ShouldBe(14); // at 0, 1, ... 12, and heard at 13
        test.Service.Cancels.Select(cancel => cancel.CommandId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_grant_that_crosses_the_cancel_is_given_back_with_its_token()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        using var cancellation = new CancellationTokenSource();
        test.Service.IsSlow = true;
        var acquire = test.Acquire("a", cancellation); // granted, and the grant is on its way
        var id = test.Service.Acquires.Last().CommandId;
        test.Service.Table.HolderOf("a").ShouldBe(id);
        test.Service.IsDeaf = true; // the cancel is lost

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => acquire.Soon());
        (test.Service.IsDeaf, test.Service.IsSlow) = (false, false);
        test.Service.DeliverKept();

        var release = test.Service.Releases.Last();
        release.AcquireId.ShouldBe(id);
        release.FencingToken.Value.ShouldBe(2);
        test.Service.Table.HolderOf("a").ShouldBeNull();
    }

    [Fact]
    public async Task A_cancel_after_the_grant_is_too_late_to_matter()
    {
        await using var test = new ClientUnderTest();
        using var cancellation = new CancellationTokenSource();
        var handle = await test.Acquire("a", cancellation).Soon();

        await cancellation.CancelAsync();

        handle.IsLost.ShouldBeFalse();
        test.Service.Cancels.ShouldBeEmpty();
        test.Service.Table.HolderOf("a").ShouldBe(handle.AcquireId);
    }
}

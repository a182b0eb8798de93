namespace Muster.Client.Tests;

public class LinkTests
{
    [Fact]
    public async Task What_was_dropped_while_down_is_sent_at_once_when_up()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var acquire = test.Acquire("a");
        test.Link.GoDown();
        test.Pass(3);
        test.Service.IsDeaf = false;
        var before = test.Service.Acquires.Count();

        test.Link.GoUp();

        test.Service.Acquires.Count().ShouldBe(before + 1);
        test.Service.Heartbeats.Count.ShouldBe(1); // grants may have been lost with the old queue
        await acquire.Soon();
    }

    [Fact]
    public async Task An_outage_longer_than_the_lease_loses_locks_and_waiters_go_on_after_it()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var handle = await test.Acquire("a").Soon();
        var waiting = test.Acquire("busy");
        test.Link.GoDown();

        test.Pass(14.69);
        handle.IsLost.ShouldBeFalse();
        test.Pass(60);
        handle.IsLost.ShouldBeTrue();
        waiting.IsCompleted.ShouldBeFalse();
        test.Service.Table.End(test.Service.SessionId);
        test.Link.GoUp();
        await test.Service.SeesAsync(command => command.AcquireLock?.Name == "busy", 2);
        test.Service.FreeByOther("busy");

        (await waiting.Soon()).IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task Nothing_is_sent_while_down()
    {
        await using var test = new ClientUnderTest(startUp: false);
        var acquire = test.Acquire("a");
        test.Client.IsConnected.ShouldBeFalse();
        test.Pass(5);
        test.Link.Published.ShouldBeEmpty();

        test.Link.GoUp();

        test.Client.IsConnected.ShouldBeTrue();
        await acquire.Soon();
    }

    [Fact]
    public async Task A_wait_longer_than_any_timer_is_taken()
    {
        await using var test = new ClientUnderTest(startUp: false);
        var acquire = test.Locks.AcquireAsync(
            "a", TimeSpan.FromDays(100), TestContext.Current.CancellationToken).AsTask();
        test.Time.Advance(TimeSpan.FromHours(2));
        acquire.IsCompleted.ShouldBeFalse();

        test.Link.GoUp();

        await acquire.Soon();
        test.Service.Acquires.Single().WaitMilliseconds.ShouldBe(86_400_000);
    }

    [Fact]
    public async Task A_link_that_cannot_start_is_replaced_a_second_later()
    {
        await using var test = new ClientUnderTest();
        test.Links.FailingStarts = 1;
        var acquire = test.Acquire("a");
        var failed = test.Link;
        test.Links.Created.ShouldBe(1);

        test.Pass(1);

        await acquire.Soon();
        test.Links.Created.ShouldBe(2);
        failed.IsDisposed.ShouldBeTrue();
        test.Link.Address.ShouldBe(failed.Address);
        test.Link.Address.ShouldMatch(@"^client\.[A-Za-z0-9]*\.\d+\.[0-9a-f]{8}$");
    }
}

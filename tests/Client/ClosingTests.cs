using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

public class ClosingTests
{
    [Fact]
    public async Task Closing_ends_waits_loses_locks_and_then_closes_the_session()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var handle = await test.Acquire("a").Soon();
        var waiting = test.Acquire("busy");
        var sessionId = test.Service.SessionId;
        var lostAtClose = false;
        var answer = test.Links.OnPublish;
        test.Links.OnPublish = (link, published) =>
        {
            lostAtClose |= published.Message is LockCommandBatch { Commands: [{ CloseSession: not null }] }
                && handle.Lost.IsCancellationRequested;
            answer(link, published);
        };

        await test.Client.DisposeAsync().Soon();

        lostAtClose.ShouldBeTrue();
        await Should.ThrowAsync<ObjectDisposedException>(() => waiting.Soon());
        test.Service.Received[^1].CloseSession!.SessionId.ShouldBe(sessionId);
        test.Service.Table.HolderOf("a").ShouldBeNull();
        test.Link.IsDisposed.ShouldBeTrue();
        await handle.DisposeAsync().Soon();
    }

    [Fact]
    public async Task Closing_waits_one_second_for_the_service()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var closing = test.Client.DisposeAsync().AsTask();

        test.Pass(0.99);
        closing.IsCompleted.ShouldBeFalse();
        test.Pass(0.01);

        await closing.Soon();
    }

    [Fact]
    public async Task Closing_is_idempotent_and_ends_every_call()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.IsDeaf = true;
        var describing = test.Describe("a");
        var releasing = handle.DisposeAsync().AsTask();
        test.Service.IsDeaf = false;

        await test.Client.DisposeAsync().Soon();
        await test.Client.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => describing.Soon());
        await releasing.Soon();
        await Should.ThrowAsync<ObjectDisposedException>(() => test.Acquire("b").Soon());
        await Should.ThrowAsync<ObjectDisposedException>(() => test.Describe("b").Soon());
        await Should.ThrowAsync<ObjectDisposedException>(
            () => test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon());
    }

    [Fact]
    public async Task Whoever_closes_meanwhile_waits_for_the_same_end()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var first = test.Client.DisposeAsync().AsTask();
        var second = test.Client.DisposeAsync().AsTask();

        second.IsCompleted.ShouldBeFalse();
        test.Pass(1);

        await Task.WhenAll(first, second).Soon();
        test.Service.Received.Select(command => command.CloseSession?.CommandId).OfType<string>().Distinct()
            .Count().ShouldBe(1);
    }

    [Fact]
    public async Task Closing_before_any_use_touches_nothing()
    {
        await using var test = new ClientUnderTest();

        await test.Client.DisposeAsync().Soon();

        test.Links.Created.ShouldBe(0);
    }

    [Fact]
    public async Task Closing_while_out_of_reach_waits_for_nobody()
    {
        await using var test = new ClientUnderTest(startUp: false);
        var acquire = test.Acquire("a");

        await test.Client.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => acquire.Soon());
        test.Link.IsDisposed.ShouldBeTrue();
    }
}

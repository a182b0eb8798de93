using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Bus.Tests;

public sealed class MemoryLifetimeTests : MemoryLinks
{
    [Fact]
    public async Task Up_comes_before_any_message_with_the_incarnation_and_down_once_at_the_end()
    {
        var events = new List<string>();
        var link = Factory.Create(new LinkOptions { Address = "n1", OnMessage = _ => events.Add("message") });
        link.Up += incarnation => events.Add("up " + incarnation);
        link.Down += _ => events.Add("down");
        link.IsUp.ShouldBeFalse();
        link.Incarnation.ShouldBe("");

        await link.StartAsync(TestContext.Current.CancellationToken);
        var incarnation = link.Incarnation;
        link.IsUp.ShouldBeTrue();
        await link.DisposeAsync();
        await link.DisposeAsync();

        incarnation.ShouldMatch("^n1[.][0-9a-f]{8}$");
        events.ShouldBe(["up " + incarnation, "down"]);
        link.IsUp.ShouldBeFalse();
        link.Incarnation.ShouldBe("");
    }

    [Fact]
    public async Task A_disposed_link_sends_what_it_had_taken_and_then_refuses()
    {
        var received = new Received();
        await StartAsync("receiver", received);
        var sender = await StartSenderAsync(Names.Exchange(typeof(LockLost)));
        for (var n = 1; n <= 1_000; n++)
        {
            sender.Send("receiver", new Heartbeat { Number = n });
        }

        await sender.DisposeAsync();

        (await received.TakeAsync(1_000))[^1].Read<Heartbeat>().Number.ShouldBe(1_000);
        sender.Send("receiver", new Heartbeat()).ShouldBeFalse();
        await Should.ThrowAsync<EventNotPublishedException>(
            () => sender.PublishEventAsync(new LockLost(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_link_that_sends_no_more_acknowledges_no_more()
    {
        var commands = Names.Exchange(typeof(AcquireLock));
        var (dying, heir) = (new Received(), new Received());
        var first = await StartWorkerAsync("w1", dying);
        var sender = await StartSenderAsync(commands);
        sender.Publish(commands, new AcquireLock { CommandId = "1" });
        var held = await dying.NextAsync();
        await StartWorkerAsync("w2", heir);
        var isAnswered = true;
        first.Down += _ =>
        {
            isAnswered = first.Send("client", new LockGranted());
            held.Ack();
        };

        await first.DisposeAsync();

        isAnswered.ShouldBeFalse();
        (await heir.NextAsync()).Redelivered.ShouldBeTrue();

        Task<IBusLink> StartWorkerAsync(string address, Received received) => StartAsync(new LinkOptions
        {
            Address = address,
            OnMessage = _ => { },
            WorkQueues = [new() { Name = "work", Exchanges = [commands], OnMessage = received.Add }],
        });
    }

    [Fact]
    public async Task A_new_link_takes_the_address_of_a_disposed_one_as_another_incarnation()
    {
        var old = new Received();
        var first = await StartAsync("n1", old);
        var firstIncarnation = first.Incarnation;
        await first.DisposeAsync();
        var received = new Received();
        var second = await StartAsync("n1", received);
        var sender = await StartSenderAsync();

        sender.Send("n1", new Heartbeat { Number = 3 });

        (await received.NextAsync()).Read<Heartbeat>().Number.ShouldBe(3);
        old.IsEmpty.ShouldBeTrue();
        second.Incarnation.ShouldNotBe(firstIncarnation);
    }

    [Fact]
    public async Task A_link_that_never_started_is_disposed_without_a_word()
    {
        var link = Factory.Create(new LinkOptions { Address = "n1", OnMessage = _ => { } });
        var downs = 0;
        link.Down += _ => downs++;

        link.Send("n1", new Heartbeat()).ShouldBeFalse();
        await link.DisposeAsync();

        downs.ShouldBe(0);
        await Should.ThrowAsync<ObjectDisposedException>(
            () => link.StartAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    public void An_address_that_is_no_queue_name_is_refused(string address) =>
        Should.Throw<ArgumentException>(
            () => Factory.Create(new LinkOptions { Address = address, OnMessage = _ => { } }))
            .Message.ShouldContain($"'{address}'");
}

using MassTransit;
using Muster.Contracts.Consensus;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Bus.Tests;

public sealed class MemoryExchangeTests : MemoryLinks
{
    private static readonly string Committed = Names.Committed("lock");
    private static readonly string Lost = Names.Exchange(typeof(LockLost));

    [Fact]
    public async Task A_publish_reaches_every_subscriber_and_nobody_else()
    {
        var first = new Received();
        var second = new Received();
        var other = new Received();
        await StartAsync("x1", first, Committed);
        await StartAsync("x2", second, Committed);
        await StartAsync("x3", other, Names.Committed("registry"));
        var sender = await StartSenderAsync(Committed);

        sender.Publish(Committed, new EntriesCommitted { Group = "lock" }).ShouldBeTrue();
        sender.Send("x3", new Heartbeat());

        (await first.NextAsync()).Read<EntriesCommitted>().Group.ShouldBe("lock");
        (await second.NextAsync()).Read<EntriesCommitted>().Group.ShouldBe("lock");
        (await other.NextAsync()).Type.ShouldBe("Muster.Contracts.Detector:Heartbeat");
    }

    [Fact]
    public async Task Publishes_and_sends_of_one_link_arrive_in_their_order()
    {
        var received = new Received();
        await StartAsync("x1", received, Committed);
        var sender = await StartSenderAsync(Committed);

        for (var n = 1; n <= 500; n++)
        {
            sender.Publish(Committed, new Heartbeat { Number = 2 * n - 1 });
            sender.Send("x1", new Heartbeat { Number = 2 * n });
        }

        var numbers = (await received.TakeAsync(1_000)).Select(message => message.Read<Heartbeat>().Number);
        numbers.ShouldBe(Enumerable.Range(1, 1_000).Select(n => (long)n));
    }

    [Fact]
    public async Task A_publish_to_an_exchange_that_the_options_do_not_name_throws()
    {
        var sender = await StartSenderAsync(Committed);

        Should.Throw<InvalidOperationException>(() => sender.Publish("elsewhere", new Heartbeat()))
            .Message.ShouldContain("'elsewhere'");
        await Should.ThrowAsync<InvalidOperationException>(
            () => sender.PublishEventAsync(new LockLost(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_event_comes_once_in_MassTransits_envelope()
    {
        var received = new Received();
        await StartAsync("x1", received, Lost);
        var sender = await StartSenderAsync(Lost);

        await sender.PublishEventAsync(new LockLost { Name = "a" }, TestContext.Current.CancellationToken);
        await sender.PublishEventAsync(new LockLost { Name = "b" }, TestContext.Current.CancellationToken);

        var messages = await received.TakeAsync(2);
        messages.Select(message => message.Read<LockLost>().Name).ShouldBe(["a", "b"]);
        messages.ShouldAllBe(message => message.ContentType == "application/vnd.masstransit+json"
            && message.Type == "Muster.Contracts.Lock:LockLost");
        received.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task MassTransits_consumers_receive_a_links_events_publishes_and_sends_to_their_queue()
    {
        var sender = await StartSenderAsync(Lost);
        var consumed = new Received();
        var endpoint = Bus.Bus.ConnectReceiveEndpoint("host-endpoint", configurator =>
            configurator.Handler<LockLost>(context =>
            {
                consumed.Add(new LinkMessage { Type = context.Message.Name, Body = default });
                return Task.CompletedTask;
            }));
        await endpoint.Ready;

        var lost = new LockLost { Name = "event" };
        await sender.PublishEventAsync(lost, TestContext.Current.CancellationToken);
        (await consumed.NextAsync()).Type.ShouldBe("event");
        sender.Publish(Lost, new LockLost { Name = "published" });
        (await consumed.NextAsync()).Type.ShouldBe("published");
        sender.SendToQueue("host-endpoint", new LockLost { Name = "sent" });
        (await consumed.NextAsync()).Type.ShouldBe("sent");
    }

    [Fact]
    public async Task A_subscriber_receives_what_MassTransit_publishes()
    {
        var received = new Received();
        await StartAsync("x1", received, Lost);

        await Bus.Bus.Publish(new LockLost { Name = "from the host" }, TestContext.Current.CancellationToken);

        var message = await received.NextAsync();
        message.Type.ShouldBe("Muster.Contracts.Lock:LockLost");
        message.Read<LockLost>().Name.ShouldBe("from the host");
    }

    [Fact]
    public async Task A_disposed_subscriber_receives_no_more()
    {
        var gone = new Received();
        var stays = new Received();
        var first = await StartAsync("x1", gone, Committed);
        await StartAsync("x2", stays, Committed);
        var sender = await StartSenderAsync(Committed);

        await first.DisposeAsync();
        sender.Publish(Committed, new Heartbeat { Number = 1 });

        (await stays.NextAsync()).Read<Heartbeat>().Number.ShouldBe(1);
        gone.IsEmpty.ShouldBeTrue();
    }
}

using Muster.Contracts.Detector;

namespace Muster.Bus.Tests;

public sealed class MemoryInboxTests : MemoryLinks
{
    [Fact]
    public async Task Messages_of_one_sender_arrive_in_their_order_and_none_is_lost()
    {
        var received = new Received();
        await StartAsync("receiver", received);
        var sender = await StartSenderAsync();

        var accepted = Enumerable.Range(1, 5_000)
            .All(n => sender.Send("receiver", new Heartbeat { Number = n }));

        accepted.ShouldBeTrue();
        var numbers = (await received.TakeAsync(5_000)).Select(message => message.Read<Heartbeat>().Number);
        numbers.ShouldBe(Enumerable.Range(1, 5_000).Select(n => (long)n));
    }

    [Fact]
    public async Task A_body_in_a_form_of_its_own_arrives_as_it_is_under_its_content_type()
    {
        var received = new Received();
        await StartAsync("receiver", received);
        var sender = await StartSenderAsync();
        var body = new EncodedBody("application/vnd.muster.test", [0, 1, 0xFF]);

        sender.Send("receiver", new Heartbeat(), new SendOptions { Encoded = body }).ShouldBeTrue();

        var message = (await received.TakeAsync(1))[0];
        message.Type.ShouldBe("Muster.Contracts.Detector:Heartbeat");
        message.ContentType.ShouldBe(body.ContentType);
        message.Body.ToArray().ShouldBe(body.Bytes);
    }

    [Fact]
    public async Task Sends_of_several_threads_all_arrive_each_threads_in_order()
    {
        var received = new Received();
        await StartAsync("receiver", received);
        var sender = await StartSenderAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var n = 1; n <= 500; n++)
            {
                sender.Send("receiver", new Heartbeat { Node = $"n{thread}", Number = n });
            }
        })));

        var byThread = (await received.TakeAsync(2_000))
            .Select(message => message.Read<Heartbeat>()).ToLookup(beat => beat.Node, beat => beat.Number);
        byThread.Count.ShouldBe(4);
        byThread.ShouldAllBe(numbers => numbers.SequenceEqual(Enumerable.Range(1, 500).Select(n => (long)n)));
    }

    [Fact]
    public async Task Properties_come_with_the_message()
    {
        var received = new Received();
        await StartAsync("receiver", received);
        var sender = await StartSenderAsync();

        sender.Send("receiver", new Heartbeat { Node = "n1" }, new SendOptions
        {
            CorrelationId = "correlation",
            MessageId = "message",
            ReplyTo = "inbox:sender",
            TimeToLive = TimeSpan.FromMinutes(1),
        });

        var message = await received.NextAsync();
        message.Type.ShouldBe("Muster.Contracts.Detector:Heartbeat");
        message.ContentType.ShouldBe("application/json");
        message.CorrelationId.ShouldBe("correlation");
        message.MessageId.ShouldBe("message");
        message.ReplyTo.ShouldBe("inbox:sender");
        message.Redelivered.ShouldBeFalse();
        message.Read<Heartbeat>().Node.ShouldBe("n1");
    }

    [Fact]
    public async Task A_send_to_nobody_is_dropped_silently_and_not_kept_for_later()
    {
        var sender = await StartSenderAsync();
        var other = new Received();
        await StartAsync("other", other);

        sender.Send("late", new Heartbeat { Number = 1 }).ShouldBeTrue();
        sender.Send("other", new Heartbeat());
        await other.NextAsync();

        var received = new Received();
        await StartAsync("late", received);
        sender.Send("late", new Heartbeat { Number = 2 });
        (await received.NextAsync()).Read<Heartbeat>().Number.ShouldBe(2);
        received.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_message_whose_time_to_live_is_over_is_dropped()
    {
        var received = new Received();
        await StartAsync("receiver", received);
        var sender = await StartSenderAsync();

        sender.Send("receiver", new Heartbeat { Number = 1 }, new SendOptions { TimeToLive = TimeSpan.Zero });
        sender.Send("receiver", new Heartbeat { Number = 2 });

        (await received.NextAsync()).Read<Heartbeat>().Number.ShouldBe(2);
    }

    [Fact]
    public async Task A_handler_that_throws_does_not_stop_the_next_message()
    {
        var received = new Received();
        await StartAsync(new LinkOptions
        {
            Address = "receiver",
            OnMessage = message =>
            {
                if (message.Read<Heartbeat>().Number == 1)
                {
                    throw new InvalidOperationException("Thrown by the test.");
                }
                received.Add(message);
            },
        });
        var sender = await StartSenderAsync();

        sender.Send("receiver", new Heartbeat { Number = 1 });
        sender.Send("receiver", new Heartbeat { Number = 2 });

        (await received.NextAsync()).Read<Heartbeat>().Number.ShouldBe(2);
    }

    [Fact]
    public async Task Two_links_of_one_address_both_receive_as_two_bound_queues_do()
    {
        var first = new Received();
        var second = new Received();
        await StartAsync("twin", first);
        await StartAsync("twin", second);
        var sender = await StartSenderAsync();

        sender.Send("twin", new Heartbeat { Number = 7 });

        (await first.NextAsync()).Read<Heartbeat>().Number.ShouldBe(7);
        (await second.NextAsync()).Read<Heartbeat>().Number.ShouldBe(7);
    }
}

using Muster.Contracts.Lock;

namespace Muster.Bus.Tests;

public sealed class MemoryWorkQueueTests : MemoryLinks
{
    private static readonly string Commands = Names.Exchange(typeof(AcquireLock));
    private static readonly string Queue = Names.Queue("lock.work");

    [Fact]
    public async Task Each_message_goes_to_one_worker_and_all_are_served()
    {
        var first = new Received();
        var second = new Received();
        await StartWorkerAsync("w1", message => Take(first, message));
        await StartWorkerAsync("w2", message => Take(second, message));
        var sender = await StartSenderAsync(Commands);

        Publish(sender, 200);

        var taken = (await first.TakeAsync(100)).Concat(await second.TakeAsync(100));
        taken.Select(IdOf).ShouldBe(Ids(200), ignoreOrder: true);

        static void Take(Received received, LinkMessage message)
        {
            message.Ack();
            received.Add(message);
        }
    }

    [Fact]
    public async Task What_a_disposed_worker_had_not_acknowledged_comes_to_another_in_its_order()
    {
        var dying = new Received();
        var first = await StartWorkerAsync("w1", dying.Add, prefetch: 10);
        var sender = await StartSenderAsync(Commands);
        Publish(sender, 12);
        var held = await dying.TakeAsync(10);
        held[4].Ack();
        IdOf(await dying.NextAsync()).ShouldBe("11");

        await first.DisposeAsync();
        var heir = new Received();
        await StartWorkerAsync("w2", heir.Add);
        held[0].Ack();

        var messages = await heir.TakeAsync(11);
        messages.Select(IdOf).ShouldBe(["1", "2", "3", "4", "6", "7", "8", "9", "10", "11", "12"]);
        messages.Count(message => message.Redelivered).ShouldBe(10);
        messages[^1].Redelivered.ShouldBeFalse();
    }

    [Fact]
    public async Task A_rejected_message_and_one_whose_handler_throws_are_kept_with_the_reason()
    {
        var received = new Received();
        await StartWorkerAsync("w1", message =>
        {
            received.Add(message);
            switch (IdOf(message))
            {
                case "1":
                    message.Reject();
                    break;
                case "2":
                    throw new InvalidOperationException("Thrown by the test.");
                default:
                    message.Ack();
                    break;
            }
        });
        var sender = await StartSenderAsync(Commands);

        Publish(sender, 3);
        await received.TakeAsync(3);

        Bus.Rejected(Queue).Select(rejected => rejected.Reason).ShouldBe(
            ["rejected by its consumer", "InvalidOperationException: Thrown by the test."]);
    }

    [Fact]
    public async Task Work_comes_from_a_send_to_the_queue_and_from_MassTransit_too()
    {
        var received = new Received();
        await StartWorkerAsync("w1", received.Add);
        var sender = await StartSenderAsync();

        var answers = new SendOptions { ReplyTo = "answers" };
        sender.SendToQueue(Queue, new AcquireLock { CommandId = "1" }, answers);
        var sent = await received.NextAsync();
        await Bus.Bus.Publish(new AcquireLock { CommandId = "2" }, TestContext.Current.CancellationToken);
        var published = await received.NextAsync();

        (IdOf(sent), sent.ReplyTo).ShouldBe(("1", "answers"));
        IdOf(published).ShouldBe("2");
    }

    private Task<IBusLink> StartWorkerAsync(
        string address, Action<LinkMessage> onWork, ushort prefetch = 256, int maxLength = 1_000) =>
        StartAsync(new LinkOptions
        {
            Address = address,
            OnMessage = _ => { },
            WorkQueues =
            [
                new WorkQueue
                {
                    Name = Queue,
                    Exchanges = [Commands],
                    OnMessage = onWork,
                    Prefetch = prefetch,
                    MaxLength = maxLength,
                },
            ],
        });

    private static void Publish(IBusLink sender, int count)
    {
        foreach (var id in Ids(count))
        {
            sender.Publish(Commands, new AcquireLock { CommandId = id }).ShouldBeTrue();
        }
    }

    private static IEnumerable<string> Ids(int count) => Enumerable.Range(1, count).Select(n => $"{n}");

    private static string IdOf(LinkMessage message) => message.Read<AcquireLock>().CommandId;
}

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Muster.Contracts.Lock;

namespace Muster.Bus.Tests;

public sealed class WaitingWorkTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Received _received = new();

    [Fact]
    public async Task Work_waits_while_nobody_takes_it_and_the_oldest_is_dropped_beyond_the_limit()
    {
        var queue = QueueOf(maxLength: 3, timeToLive: null, out var options);
        foreach (var id in new[] { "1", "2", "3", "4", "5" })
        {
            queue.Enqueue(FrameOf(id));
        }

        await TakeAllAsync(queue, options, ["3", "4", "5"]);
    }

    [Fact]
    public async Task Work_that_waited_longer_than_its_time_to_live_is_dropped()
    {
        var queue = QueueOf(maxLength: 10, TimeSpan.FromSeconds(2), out var options);
        queue.Enqueue(FrameOf("old"));
        _time.Advance(TimeSpan.FromSeconds(1));
        queue.Enqueue(FrameOf("young"));
        _time.Advance(TimeSpan.FromSeconds(1.5));

        await TakeAllAsync(queue, options, ["young"]);
    }

    [Fact]
    public async Task At_most_a_prefetch_is_unacknowledged_and_a_second_ack_frees_nothing()
    {
        var queue = QueueOf(maxLength: 10, timeToLive: null, out var options);
        var worker = new MemoryWorker(queue, options with { Prefetch = 2 }, NullLogger.Instance, _time);
        worker.Start();
        foreach (var id in new[] { "1", "2", "3", "4" })
        {
            queue.Enqueue(FrameOf(id));
        }
        var held = await _received.TakeAsync(2);
        worker.Unacknowledged.Keys.ShouldBe([1, 2]);

        held[0].Ack();
        held[0].Ack();
        held[0].Reject();

        worker.Unacknowledged.Keys.ShouldBe([2, 3]);
        queue.Rejected().ShouldBeEmpty();
        held[1].Ack();
        worker.Unacknowledged.Keys.ShouldBe([3, 4]);
        await worker.StopAsync();
    }

    private MemoryWorkQueue QueueOf(int maxLength, TimeSpan? timeToLive, out WorkQueue options)
    {
        options = new WorkQueue
        {
            Name = "work",
            Exchanges = [],
            OnMessage = _received.Add,
            MaxLength = maxLength,
            MessageTtl = timeToLive,
        };
        return new MemoryWorkQueue(options, _time, NullLogger.Instance);
    }

    private async Task TakeAllAsync(MemoryWorkQueue queue, WorkQueue options, string[] ids)
    {
        var worker = new MemoryWorker(queue, options, NullLogger.Instance, _time);
        worker.Start();

        var taken = await _received.TakeAsync(ids.Length);
        await worker.StopAsync();

        taken.Select(message => message.Read<AcquireLock>().CommandId).ShouldBe(ids);
        _received.IsEmpty.ShouldBeTrue();
    }

    private static LinkFrame FrameOf(string id) => new()
    {
        Exchange = "exchange",
        Type = BusJson.TypeName(typeof(AcquireLock)),
        Body = BusJson.Write(new AcquireLock { CommandId = id }),
    };
}

using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Recovery.Executing;
using Muster.Recovery.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Recovery.Tests;

public sealed class LockBreakerTests
{
    private const int MostOfTheLockService = 256;

    private readonly BusNames _names = new(BusNames.DefaultCluster);

    /// <summary>A longer reason would refuse every fence of a group and member with long names.</summary>
    [Fact]
    public void The_reason_of_a_fence_is_cut_to_what_the_lock_service_takes()
    {
        var (member, group) = (new string('m', 128), new string('g', 128));
        var asked = new List<BreakLock>();
        var link = new BatchLink(batch => asked.Add(batch.Commands.Single().BreakLock!));
        var breaker = new LockBreaker(
            () => link, _names, new PlanSignal(), NullLogger<LockBreaker>.Instance);

        breaker.Ask(new OpenFence("r1", group, "l", "", member, 1, 1, "v"));
        breaker.Ask(new OpenFence("r2", "orders", "l", "", "a", 1, 1, "v"));

        asked.Select(one => one.Reason).ShouldBe(
        [
            $"The primary {member} of {group} failed."[..MostOfTheLockService],
            "The primary a of orders failed.",
        ]);
        var machine = new LockMachine();
        machine.Apply(Entry(1, new() { Genesis = new() { Group = "lock", ClusterId = "c" } }));
        machine.Apply(Entry(2, new() { BreakLock = asked[0] })).OfType<LockEffect.Answer>().Single()
            .Reply.LockBroken.ShouldNotBeNull();
    }

    [Fact]
    public void Who_keeps_the_answers_of_many_fences_looks_at_each_of_them_once()
    {
        const int Fences = 10_000;
        List<OpenFence> open = [.. Enumerable.Range(0, Fences)
            .Select(number => new OpenFence($"r{number}", $"g{number}", "l", "", "a", 1, 1, "v"))];
        var link = new BatchLink(_ => { });
        var breaker = new LockBreaker(
            () => link, _names, new PlanSignal(), NullLogger<LockBreaker>.Instance);
        breaker.Receive(new()
        {
            Replies =
            [
                .. open.Select(fence => new LockReply { LockBroken = new() { CommandId = fence.CommandId } }),
            ],
        });

        var before = GC.GetAllocatedBytesForCurrentThread();
        breaker.Keep(open);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        (bytes / Fences).ShouldBeLessThan(200);
        open.ShouldAllBe(fence => breaker.Find(fence) != null);
        breaker.Keep(open[..1]);
        open.Count(fence => breaker.Find(fence) is not null).ShouldBe(1);
    }

    /// <summary>Takes what is published, and nothing else.</summary>
    private sealed class BatchLink(Action<LockCommandBatch> onBatch) : IBusLink
    {
        public string Address => "recovery.v";

        public string Incarnation => "recovery.v.1";

        public bool IsUp => true;

        public event Action<string>? Up { add { } remove { } }

        public event Action<string>? Down { add { } remove { } }

        public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class
        {
            onBatch((LockCommandBatch)(object)message);
            return true;
        }

        public Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public bool Send<T>(string address, T message, SendOptions? options = null) where T : class =>
            throw new NotSupportedException();

        public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
            throw new NotSupportedException();

        public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
            where T : class =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static AppliedEntry Entry(long index, LockEntryCommand command) => new()
    {
        Index = new LogIndex(index),
        LogTime = 1_000,
        Origin = "r1",
        Body = LockEntryCodec.Write(new() { Commands = [command] }),
    };
}

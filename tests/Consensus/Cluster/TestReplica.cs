using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts;
using Muster.Replication;
using Muster.Replication.Core;
using Shouldly;

namespace Muster.Consensus.Tests.Cluster;

/// <summary>A running replica of the group, and what it told.</summary>
internal sealed class TestReplica : IEffectSink<NumberedCommand, long>, IAsyncDisposable
{
    private readonly Channel<(LogIndex Index, bool Own, long Total)> _effects =
        Channel.CreateUnbounded<(LogIndex, bool, long)>();
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private readonly ReplicaRuntime<NumberedCommand, long> _runtime;
    private bool _isFollowing;
    private long _lastNumber;

    private TestReplica(MemoryBus bus, string origin)
    {
        var setup = new ReplicaSetup<NumberedCommand, long>
        {
            Options = new ReplicaOptions { Group = TestClient.Group, Origin = origin },
            NewMachine = () => new TotalMachine(),
            Encode = TotalMachine.Encode,
            Sink = this,
        };
        var links = new MemoryLinkFactory(bus, NullLoggerFactory.Instance);
        _runtime = new(setup, links, TimeProvider.System, NullLogger.Instance);
    }

    public ReplicaStatus Status => _runtime.Status;

    public static async Task<TestReplica> StartAsync(MemoryBus bus, string origin)
    {
        var replica = new TestReplica(bus, origin);
        await replica._runtime.StartAsync(TestLimit.Token());
        return replica;
    }

    public void Submit(byte[] command) =>
        _runtime.TrySubmit(new(Interlocked.Increment(ref _lastNumber), command)).ShouldBeTrue();

    /// <summary>Submits one command and waits for its own effect.</summary>
    public async Task<(LogIndex Index, long Total)> AddAsync(byte[] command)
    {
        Submit(command);
        return await NextEffectAsync(own: true);
    }

    public async Task<(LogIndex Index, long Total)> NextEffectAsync(bool own)
    {
        var effect = await _effects.Reader.ReadAsync(TestLimit.Token());
        effect.Own.ShouldBe(own);
        return (effect.Index, effect.Total);
    }

    /// <summary>The next of what is no effect: "unknown 3", "too large 9", "log x".</summary>
    public async Task<string> NextWordAsync() => await _told.Reader.ReadAsync(TestLimit.Token());

    public async Task<QueryAnswer<long>> ReadTotalAsync() =>
        await _runtime.ReadAsync((TotalMachine machine) => machine.Total, TestLimit.Token());

    public void Applied(LogIndex index, bool own, IReadOnlyList<long> effects)
    {
        foreach (var total in effects)
        {
            _effects.Writer.TryWrite((index, own, total));
        }
    }

    public void Unknown(NumberedCommand command) =>
        _told.Writer.TryWrite($"unknown {command.Bytes.Length}");

    public void TooLarge(NumberedCommand command) =>
        _told.Writer.TryWrite($"too large {command.Bytes.Length}");

    public void LogFollowed(string logId)
    {
        if (_isFollowing)
        {
            _told.Writer.TryWrite($"log {logId}");
        }
        _isFollowing = true;
    }

    public ValueTask DisposeAsync() => _runtime.DisposeAsync();
}

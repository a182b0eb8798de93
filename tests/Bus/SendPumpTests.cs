using System.Reflection;
using RabbitMQ.Client;

namespace Muster.Bus.Tests;

/// <summary>Who writes to the channel, and in which order, while it takes everything and while not.</summary>
public sealed class SendPumpTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HeldChannel _channel = HeldChannel.Create();
    private readonly List<Exception> _failures = [];
    private readonly SendPump _pump;
    private bool _isBlocked;

    public SendPumpTests() =>
        _pump = new SendPump((IChannel)(object)_channel, () => _isBlocked, _failures.Add, default);

    [Fact]
    public void While_nothing_is_under_way_the_senders_own_thread_writes()
    {
        Send("a").ShouldBeTrue();
        Send("b").ShouldBeTrue();
        _channel.Written.ShouldBe(["a", "b"]);
        _channel.Threads.ShouldAllBe(thread => thread == Environment.CurrentManagedThreadId);
    }

    [Fact]
    public async Task What_comes_during_a_write_waits_for_it_and_keeps_its_order()
    {
        var write = _channel.Hold();
        foreach (var key in new[] { "a", "b", "c" }) Send(key).ShouldBeTrue();
        _channel.Written.ShouldBe(["a"]);

        write.SetResult();
        _pump.Complete();
        await _pump.Written.WaitAsync(Limit, TestContext.Current.CancellationToken);
        _channel.Written.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Of_many_senders_none_is_lost_and_each_keeps_its_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => Task.Run(() =>
        {
            for (var number = 0; number < 2000; number++) Send($"{sender} {number}").ShouldBeTrue();
        }, TestContext.Current.CancellationToken)));
        _pump.Complete();
        await _pump.Written.WaitAsync(Limit, TestContext.Current.CancellationToken);

        foreach (var sender in _channel.Written.GroupBy(key => key[0]))
        {
            sender.ShouldBe(Enumerable.Range(0, 2000).Select(number => $"{sender.Key} {number}"));
        }
        _channel.Written.Count.ShouldBe(8000);
    }

    [Fact]
    public async Task The_buffer_is_bounded_and_has_room_again_once_it_is_written()
    {
        var write = _channel.Hold();
        Send("first").ShouldBeTrue();
        for (var number = 0; number < 10_000; number++) Send("more").ShouldBeTrue();
        Send("too many").ShouldBeFalse();

        write.SetResult();
        await UntilAsync(() => _channel.Written.Count == 10_001);
        Send("room").ShouldBeTrue();
        _channel.Written.ShouldNotContain("too many");
    }

    [Fact]
    public void Large_messages_fill_it_by_their_bytes()
    {
        _channel.Hold();
        Send("first").ShouldBeTrue();
        for (var number = 0; number < 4; number++) Send("more", 16 * 1024 * 1024).ShouldBeTrue();
        Send("too much", 1).ShouldBeFalse();
    }

    [Fact]
    public void While_the_broker_blocks_everything_is_thrown_away()
    {
        _isBlocked = true;
        Send("stale").ShouldBeTrue();
        _isBlocked = false;
        Send("fresh").ShouldBeTrue();
        _channel.Written.ShouldBe(["fresh"]);
    }

    [Fact]
    public async Task A_write_that_fails_is_told_and_never_thrown_into_the_sender()
    {
        _channel.Fails = true;
        Send("a").ShouldBeTrue();
        _failures.ShouldHaveSingleItem().ShouldBeOfType<IOException>();
        _pump.Complete();
        await _pump.Written.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Send("b").ShouldBeFalse();
    }

    private bool Send(string key, int bytes = 1) =>
        _pump.TrySend(new OutgoingFrame("", key, new BasicProperties(), new byte[bytes]));

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A channel that only publishes, and not before it is let.</summary>
    public class HeldChannel : DispatchProxy
    {
        private readonly Lock _gate = new();
        private readonly List<string> _written = [];
        private TaskCompletionSource? _held;

        public List<int> Threads { get; } = [];

        public bool Fails { get; set; }

        public List<string> Written
        {
            get
            {
                lock (_gate)
                {
                    return [.. _written];
                }
            }
        }

        public static HeldChannel Create() => (HeldChannel)(object)Create<IChannel, HeldChannel>();

        /// <summary>The next write is under way until the result is set.</summary>
        public TaskCompletionSource Hold() =>
            _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            targetMethod!.Name.ShouldBe(nameof(IChannel.BasicPublishAsync));
            if (Fails) throw new IOException("gone");
            lock (_gate)
            {
                _written.Add((string)args![1]!);
                Threads.Add(Environment.CurrentManagedThreadId);
            }
            var held = Interlocked.Exchange(ref _held, null);
            return held is null ? ValueTask.CompletedTask : new ValueTask(held.Task);
        }
    }
}

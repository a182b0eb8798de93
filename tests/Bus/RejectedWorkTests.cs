using System.Reflection;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts.Detector;
using RabbitMQ.Client;

namespace Muster.Bus.Tests;

/// <summary>A rejected message leaves its place on RabbitMQ, whatever its sender wrote into it.</summary>
public sealed class RejectedWorkTests : IAsyncDisposable
{
    private const string ErrorQueue = "muster-lock-heartbeats_error";

    private static readonly BusNames Names = new(BusNames.DefaultCluster);
    private static readonly string Exchange = Names.Exchange(typeof(Heartbeat));

    private readonly WorkChannel _channel = WorkChannel.Create();
    private readonly RabbitSession _session;
    private readonly RabbitWorkQueue _consumer;
    private readonly Task _writing;
    private Action<LinkMessage> _take = message => message.Reject();

    public RejectedWorkTests()
    {
        var channel = (IChannel)(object)_channel;
        var queue = new WorkQueue
        {
            Name = "muster-lock-heartbeats",
            Exchanges = [Exchange],
            OnMessage = message => _take(message),
            Prefetch = 1,
        };
        var scope = new RabbitLinkScope(
            new() { Broker = new("amqp://nowhere/") }, Names,
            new() { Address = "lock.a", OnMessage = _ => { }, WorkQueues = [queue] },
            NullLogger.Instance, TimeProvider.System);
        _session = new RabbitSession(scope) { Confirmed = new ConfirmedPublisher(channel, default) };
        _session.StartDelivering();
        _consumer = new RabbitWorkQueue(channel, queue, _session, scope);
        _writing = _consumer.RunAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    [Fact]
    public async Task Ids_that_no_longer_fit_are_left_out_and_the_message_is_moved()
    {
        // What the client makes of 86 bytes that are no UTF-8: three bytes for each.
        var id = new string('\uFFFD', 86);
        await DeliverAsync(new() { CorrelationId = id, MessageId = "m", ReplyTo = id, Type = id[..85] });

        (await _channel.NextAsync()).ShouldBe("publish " + ErrorQueue);
        (await _channel.NextAsync()).ShouldBe("ack 7");
        var moved = _channel.Moved!;
        (moved.CorrelationId, moved.MessageId, moved.ReplyTo).ShouldBe((null, "m", null));
        moved.Type.ShouldBe(id[..85]);
    }

    [Fact]
    public async Task What_cannot_be_moved_while_the_session_lives_is_dropped()
    {
        _channel.Fails = true;
        await DeliverAsync(new());

        (await _channel.NextAsync()).ShouldBe("publish " + ErrorQueue);
        (await _channel.NextAsync()).ShouldBe("reject 7 False");
        _session.HasEnded.ShouldBeFalse();
    }

    [Fact]
    public async Task What_an_ended_session_could_not_move_is_left_to_the_broker()
    {
        _channel.Fails = true;
        _take = message =>
        {
            _session.End("the test");
            message.Reject();
        };
        await DeliverAsync(new());

        _consumer.Complete();
        await _writing;
        (await _channel.NextAsync()).ShouldBe("publish " + ErrorQueue);
        _channel.IsQuiet.ShouldBeTrue();
    }

    [Fact]
    public async Task A_reason_is_short_enough_for_a_header()
    {
        _take = _ => throw new InvalidOperationException(new string('x', 200_000));
        await DeliverAsync(new());

        await _channel.NextAsync();
        var reason = _channel.Moved!.Headers!["muster-reason"].ShouldBeOfType<string>();
        reason.ShouldStartWith("InvalidOperationException: xxx");
        reason.Length.ShouldBeLessThan(1_100);
    }

    private Task DeliverAsync(BasicProperties properties) => _consumer.HandleBasicDeliverAsync(
        "tag", 7, redelivered: false, Exchange, "", properties, "["u8.ToArray(),
        TestContext.Current.CancellationToken);

    /// <summary>
    /// Publishes, acknowledges and rejects; as the client does, it refuses to write an id above 255 bytes.
    /// </summary>
    public class WorkChannel : DispatchProxy
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

        private readonly Channel<string> _calls = Channel.CreateUnbounded<string>();

        public bool Fails { get; set; }

        public BasicProperties? Moved { get; private set; }

        public bool IsQuiet => !_calls.Reader.TryPeek(out _);

        public static WorkChannel Create() => (WorkChannel)(object)Create<IChannel, WorkChannel>();

        public Task<string> NextAsync() =>
            _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            switch (targetMethod!.Name)
            {
                case nameof(IChannel.BasicPublishAsync):
                    Moved = (BasicProperties)args![3]!;
                    _calls.Writer.TryWrite($"publish {args[0]}{args[1]}");
                    string?[] ids = [Moved.CorrelationId, Moved.MessageId, Moved.ReplyTo, Moved.Type];
                    return Fails || ids.Any(id => id is not null && Encoding.UTF8.GetByteCount(id) > 255)
                        ? new ValueTask(Task.FromException(new ArgumentException("the value is too long")))
                        : ValueTask.CompletedTask;
                case nameof(IChannel.BasicAckAsync):
                    _calls.Writer.TryWrite($"ack {args![0]}");
                    return ValueTask.CompletedTask;
                case nameof(IChannel.BasicRejectAsync):
                    _calls.Writer.TryWrite($"reject {args![0]} {args[1]}");
                    return ValueTask.CompletedTask;
                default:
                    throw new NotSupportedException(targetMethod.Name);
            }
        }
    }
}

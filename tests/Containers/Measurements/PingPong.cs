using HdrHistogram;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Muster.Containers.Tests.Measurements;

/// <summary>
/// The broker alone: a small transient message to an echoing consumer on a connection of its own and back. A
/// lock's cycle cannot be faster than its hops, so this is what it is compared with.
/// </summary>
internal sealed class PingPong : IAsyncDisposable
{
    private static readonly byte[] Body = new byte[200];

    private readonly IConnection _near;
    private readonly IConnection _far;
    private readonly IChannel _sender;
    private readonly IChannel _echo;
    private readonly TaskCompletionSource[] _arrived;
    private string _ping = "";
    private string _pong = "";

    private PingPong(IConnection near, IConnection far, IChannel sender, IChannel echo, int inFlight)
    {
        (_near, _far, _sender, _echo) = (near, far, sender, echo);
        _arrived = new TaskCompletionSource[inFlight];
    }

    public static async Task<PingPong> ConnectAsync(Uri broker, int inFlight)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false };
        var near = await factory.CreateConnectionAsync();
        var far = await factory.CreateConnectionAsync();
        var pair = new PingPong(
            near, far, await near.CreateChannelAsync(), await far.CreateChannelAsync(), inFlight);
        await pair.ConsumeAsync();
        return pair;
    }

    /// <summary>Round trips per second and their times in microseconds.</summary>
    public async Task<Rate> MeasureAsync(TimeSpan duration)
    {
        var started = TimeProvider.System.GetTimestamp();
        var lanes = await Task.WhenAll(Enumerable.Range(0, _arrived.Length)
            .Select(lane => Task.Run(() => RunAsync(lane, started, duration))));
        return Rate.Of(lanes, TimeProvider.System.GetElapsedTime(started));
    }

    public async ValueTask DisposeAsync()
    {
        await _near.DisposeAsync();
        await _far.DisposeAsync();
    }

    private async Task ConsumeAsync()
    {
        _ping = (await _echo.QueueDeclareAsync(exclusive: true)).QueueName;
        _pong = (await _sender.QueueDeclareAsync(exclusive: true)).QueueName;
        var echo = new AsyncEventingBasicConsumer(_echo);
        echo.ReceivedAsync += async (_, delivery) => await _echo.BasicPublishAsync(
            "", _pong, mandatory: false, new BasicProperties(delivery.BasicProperties),
            delivery.Body.ToArray());
        await _echo.BasicConsumeAsync(_ping, autoAck: true, echo);
        var back = new AsyncEventingBasicConsumer(_sender);
        back.ReceivedAsync += (_, delivery) =>
        {
            _arrived[int.Parse(delivery.BasicProperties.CorrelationId!, null)].SetResult();
            return Task.CompletedTask;
        };
        await _sender.BasicConsumeAsync(_pong, autoAck: true, back);
    }

    private async Task<LongHistogram> RunAsync(int lane, long started, TimeSpan duration)
    {
        var times = Rate.NewHistogram();
        var properties = new BasicProperties { CorrelationId = lane.ToString((IFormatProvider?)null) };
        while (TimeProvider.System.GetElapsedTime(started) < duration)
        {
            var sent = TimeProvider.System.GetTimestamp();
            _arrived[lane] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _sender.BasicPublishAsync("", _ping, mandatory: false, properties, Body);
            await _arrived[lane].Task;
            Rate.Record(times, sent);
        }
        return times;
    }
}

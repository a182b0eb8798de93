using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Muster.Load.Floors;

/// <summary>
/// The broker and its own client: a transient message of 256 bytes to an echoing consumer on another
/// connection, and back. Two hops, as a request and its answer.
/// </summary>
internal sealed class BrokerRoundTrip : IFloor
{
    private static readonly byte[] Body = new byte[Payload.Bytes];

    private readonly IConnection _near;
    private readonly IConnection _far;
    private readonly IChannel _sender;
    private readonly IChannel _echo;
    private readonly TaskCompletionSource[] _arrived;
    private string _there = "";
    private string _back = "";

    private BrokerRoundTrip(IConnection near, IConnection far, IChannel sender, IChannel echo, int lanes)
    {
        (_near, _far, _sender, _echo) = (near, far, sender, echo);
        _arrived = new TaskCompletionSource[lanes];
    }

    public static async Task<IFloor> ConnectAsync(Uri broker, int lanes)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            AutomaticRecoveryEnabled = false,
            ClientProvidedName = "muster load, floor",
        };
        var near = await factory.CreateConnectionAsync();
        var far = await factory.CreateConnectionAsync();
        var floor = new BrokerRoundTrip(
            near, far, await near.CreateChannelAsync(), await far.CreateChannelAsync(), lanes);
        await floor.ConsumeAsync();
        return floor;
    }

    public async Task OnceAsync(int lane)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _arrived[lane] = arrived;
        var properties = new BasicProperties { CorrelationId = lane.ToString(CultureInfo.InvariantCulture) };
        await _sender.BasicPublishAsync("", _there, mandatory: false, properties, Body);
        await arrived.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _near.DisposeAsync();
        await _far.DisposeAsync();
    }

    private async Task ConsumeAsync()
    {
        _there = (await _echo.QueueDeclareAsync(exclusive: true)).QueueName;
        _back = (await _sender.QueueDeclareAsync(exclusive: true)).QueueName;
        var echo = new AsyncEventingBasicConsumer(_echo);
        echo.ReceivedAsync += async (_, delivery) => await _echo.BasicPublishAsync(
            "", _back, mandatory: false, new BasicProperties(delivery.BasicProperties),
            delivery.Body.ToArray());
        await _echo.BasicConsumeAsync(_there, autoAck: true, echo);
        var back = new AsyncEventingBasicConsumer(_sender);
        back.ReceivedAsync += (_, delivery) =>
        {
            var lane = int.Parse(delivery.BasicProperties.CorrelationId!, CultureInfo.InvariantCulture);
            _arrived[lane].SetResult();
            return Task.CompletedTask;
        };
        await _sender.BasicConsumeAsync(_back, autoAck: true, back);
    }
}

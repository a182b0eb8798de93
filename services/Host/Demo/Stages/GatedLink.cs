using Muster.Bus;

namespace Muster.Host.Demo.Stages;

/// <summary>
/// Makes links that can be cut: what the operating system does to a killed or paused process, done to a
/// worker that is only a task. While the gate is shut nothing goes out and nothing comes in.
/// </summary>
public sealed class GatedLinkFactory(ILinkFactory inner) : ILinkFactory
{
    private volatile bool _isShut;

    public BusNames Names => inner.Names;

    public bool IsShut
    {
        get => _isShut;
        set => _isShut = value;
    }

    public IBusLink Create(LinkOptions options) => new GatedLink(this, inner.Create(options with
    {
        OnMessage = message =>
        {
            if (!_isShut)
            {
                options.OnMessage(message);
            }
        },
    }));

    private sealed class GatedLink(GatedLinkFactory gate, IBusLink inner) : IBusLink
    {
        public event Action<string>? Up
        {
            add => inner.Up += value;
            remove => inner.Up -= value;
        }

        public event Action<string>? Down
        {
            add => inner.Down += value;
            remove => inner.Down -= value;
        }

        public string Address => inner.Address;

        public string Incarnation => inner.Incarnation;

        public bool IsUp => inner.IsUp;

        public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

        public bool Send<T>(string address, T message, SendOptions? options = null) where T : class =>
            !gate.IsShut && inner.Send(address, message, options);

        public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class =>
            !gate.IsShut && inner.Publish(exchange, message, options);

        public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
            !gate.IsShut && inner.SendToQueue(queue, message, options);

        public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
            where T : class =>
            inner.PublishEventAsync(message, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

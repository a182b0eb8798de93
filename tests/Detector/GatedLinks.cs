using Muster.Bus;

namespace Muster.Detector.Tests;

/// <summary>
/// Links that can be cut without their noticing: nothing comes in, and what goes out is lost.
/// </summary>
internal sealed class GatedLinks(ILinkFactory inner) : ILinkFactory
{
    private volatile bool _isOpen = true;

    public bool IsOpen
    {
        get => _isOpen;
        set => _isOpen = value;
    }

    public BusNames Names => inner.Names;

    public IBusLink Create(LinkOptions options) => new GatedLink(this, inner.Create(options with
    {
        OnMessage = message =>
        {
            if (IsOpen)
            {
                options.OnMessage(message);
            }
        },
    }));

    private sealed class GatedLink(GatedLinks gate, IBusLink link) : IBusLink
    {
        public event Action<string>? Up
        {
            add => link.Up += value;
            remove => link.Up -= value;
        }

        public event Action<string>? Down
        {
            add => link.Down += value;
            remove => link.Down -= value;
        }

        public string Address => link.Address;

        public string Incarnation => link.Incarnation;

        public bool IsUp => link.IsUp;

        public Task StartAsync(CancellationToken cancellationToken) => link.StartAsync(cancellationToken);

        public bool Send<T>(string address, T message, SendOptions? options = null) where T : class =>
            !gate.IsOpen || link.Send(address, message, options);

        public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class =>
            !gate.IsOpen || link.Publish(exchange, message, options);

        public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
            !gate.IsOpen || link.SendToQueue(queue, message, options);

        public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
            where T : class =>
            gate.IsOpen
                ? link.PublishEventAsync(message, cancellationToken)
                : throw new EventNotPublishedException("The link is cut.");

        public ValueTask DisposeAsync() => link.DisposeAsync();
    }
}

using Muster.Bus;

namespace Muster.Client.Tests.Doubles;

/// <summary>One message as the client gave it to its link.</summary>
internal sealed record Published(string Exchange, object Message, SendOptions? Options);

/// <summary>
/// Makes links that deliver in the caller's thread, so that a test sees every consequence at once.
/// </summary>
internal sealed class FakeLinks : ILinkFactory
{
    private readonly List<FakeLink> _links = [];

    public BusNames Names { get; } = new(BusNames.DefaultCluster);

    /// <summary>False: links stay down until <see cref="FakeLink.GoUp"/>.</summary>
    public bool StartUp { get; init; } = true;

    public int FailingStarts { get; set; }

    public Action<FakeLink, Published> OnPublish { get; set; } = (_, _) => { };

    public int Created => _links.Count;

    public FakeLink Link => _links[^1];

    public IBusLink Create(LinkOptions options)
    {
        var link = new FakeLink(this, options);
        _links.Add(link);
        return link;
    }
}

internal sealed class FakeLink(FakeLinks links, LinkOptions options) : IBusLink
{
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<Published> _published = [];
    private readonly List<int> _delivered = [];
    private int _incarnations;

    public event Action<string>? Up;

    public event Action<string>? Down;

    public LinkOptions Options => options;

    public string Address => options.Address;

    public string Incarnation => IsUp ? $"{Address}.{_incarnations}" : "";

    public bool IsUp { get; private set; }

    public bool IsDisposed { get; private set; }

    public IReadOnlyList<Published> Published
    {
        get
        {
            lock (_gate)
            {
                return [.. _published];
            }
        }
    }

    /// <summary>The bytes of each message that came to the client.</summary>
    public IReadOnlyList<int> Delivered
    {
        get
        {
            lock (_gate)
            {
                return [.. _delivered];
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (links.FailingStarts-- > 0)
        {
            throw new InvalidOperationException("The broker refuses.");
        }
        if (links.StartUp)
        {
            GoUp();
        }
        return _up.Task.WaitAsync(cancellationToken);
    }

    public void GoUp()
    {
        _incarnations++;
        IsUp = true;
        Up?.Invoke(Incarnation);
        _up.TrySetResult();
    }

    public void GoDown()
    {
        IsUp = false;
        Down?.Invoke("the test took it down");
    }

    public bool Publish<T>(string exchange, T message, SendOptions? sendOptions = null) where T : class
    {
        if (!IsUp)
        {
            return false;
        }
        options.Publishes.ShouldContain(exchange);
        var published = new Published(exchange, message, sendOptions);
        lock (_gate)
        {
            _published.Add(published);
        }
        links.OnPublish(this, published);
        return true;
    }

    /// <summary>Brings a contract to the client, through JSON as on the wire.</summary>
    public void Deliver<T>(T message) where T : class =>
        DeliverRaw(BusJson.TypeName(typeof(T)), BusJson.Write(message));

    public void DeliverRaw(string type, byte[] body)
    {
        lock (_gate)
        {
            _delivered.Add(body.Length);
        }
        options.OnMessage(new LinkMessage { Type = type, Body = body });
    }

    public bool Send<T>(string address, T message, SendOptions? sendOptions = null) where T : class =>
        throw new NotSupportedException("A client only publishes.");

    public bool SendToQueue<T>(string queue, T message, SendOptions? sendOptions = null) where T : class =>
        throw new NotSupportedException("A client only publishes.");

    public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken) where T : class =>
        throw new NotSupportedException("A client publishes no events.");

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        IsUp = false;
        return ValueTask.CompletedTask;
    }
}

namespace Muster.Bus;

/// <summary>
/// A process's own lane on the bus: one inbox under a stable address, and sends that never block and never
/// wait. On RabbitMQ it is two connections (one to publish, one to consume) that come back by themselves
/// within about a second of the broker, each time with a FRESH exclusive queue; nothing is declared after a
/// (re)connect is done.
/// </summary>
/// <remarks>
/// The fast path beside MassTransit's endpoints: consensus, the replicas and the client speak through it,
/// with the same contracts in bare JSON. Measured on the same broker, a MassTransit round trip takes three
/// times as long.
/// </remarks>
public interface IBusLink : IAsyncDisposable
{
    /// <summary>
    /// This link's inbox: what others put into <c>ReplyAddress.Inbox(address)</c> or send to.
    /// </summary>
    string Address { get; }

    /// <summary>
    /// Names the current connection, new at each connect: <c>ADDRESS.xxxxxxxx</c>, also its queue's name.
    /// Empty while down.
    /// </summary>
    string Incarnation { get; }

    /// <summary>Connected, consuming, and not blocked by the broker's memory or disk alarm.</summary>
    bool IsUp { get; }

    /// <summary>Connects and starts to consume; returns once the link is up for the first time.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Sends to another link's inbox: transient, unconfirmed, dropped silently when the link is down, its
    /// send buffer full or nobody there. Thread-safe, never blocks. False when it was dropped here.
    /// </summary>
    bool Send<T>(string address, T message, SendOptions? options = null) where T : class;

    /// <summary>
    /// As <see cref="Send{T}"/>, to every binding of an exchange (see <see cref="BusNames"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">The link's options do not name the exchange.</exception>
    bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class;

    /// <summary>
    /// Sends to a queue of that name (a bare-JSON sender's <c>reply_to</c>, direct reply-to included).
    /// </summary>
    bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class;

    /// <summary>
    /// Publishes an event durably in MassTransit's envelope to the exchange of its type and returns when the
    /// broker has confirmed it. False: no queue was bound, so nobody will have it; a transport that cannot
    /// tell says true.
    /// </summary>
    /// <exception cref="EventNotPublishedException">The link is down, or the broker did not confirm: it may
    /// be published or not.</exception>
    /// <exception cref="InvalidOperationException">The link's options do not name the exchange of the
    /// type.</exception>
    Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken) where T : class;

    /// <summary>
    /// Raised after each successful connect with the new incarnation, before any message of it is delivered.
    /// </summary>
    event Action<string>? Up;

    /// <summary>
    /// Raised with the reason, for people, when the connection is lost, blocked or closed: once for each <see
    /// cref="Up"/>. After a block ends, <see cref="Up"/> comes again with the same incarnation.
    /// </summary>
    event Action<string>? Down;
}

/// <summary>The properties of one outgoing message.</summary>
public sealed record SendOptions
{
    /// <summary>Goes back to the sender as <see cref="LinkMessage.CorrelationId"/>.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>AMQP's <c>message_id</c>; null: none.</summary>
    public string? MessageId { get; init; }

    /// <summary>Where answers go: an inbox address or a queue name, by the receiver's rules.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>
    /// The broker drops the message when it was not delivered by then. Default: none (the queue's own TTL
    /// counts).
    /// </summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Survives a broker restart when its queue does. Default false.</summary>
    public bool Persistent { get; init; }

    /// <summary>
    /// Goes out in place of the message's JSON, for links that know its content type. Default: none.
    /// </summary>
    public EncodedBody? Encoded { get; init; }
}

/// <summary>
/// A message in a form of its own, which its receiver knows by <see cref="LinkMessage.ContentType"/>.
/// </summary>
/// <param name="ContentType"><c>application/vnd.muster.</c> and a name.</param>
/// <param name="Bytes">The body.</param>
public sealed record EncodedBody(string ContentType, byte[] Bytes)
{
    /// <summary>Content types of forms of our own begin with it.</summary>
    public const string ContentTypePrefix = "application/vnd.muster.";
}

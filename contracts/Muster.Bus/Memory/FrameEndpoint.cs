using MassTransit;

namespace Muster.Bus;

/// <summary>
/// A MassTransit receive endpoint that hands over whole frames, one after the other. It takes the messages
/// before MassTransit reads them, so what comes in costs no deserialization and nothing can end in its error
/// queues.
/// </summary>
internal sealed class FrameEndpoint : IFilter<ReceiveContext>
{
    /// <summary>The in-memory transport's queues have no bound of their own.</summary>
    public const int MaxWaiting = 100_000;

    private readonly Func<LinkFrame, Task> _receive;
    private readonly MessageTypes _types;
    private HostReceiveEndpointHandle? _handle;
    private ISendEndpoint? _sender;
    private int _waiting;

    private FrameEndpoint(MessageTypes types, Func<LinkFrame, Task> receive)
    {
        _types = types;
        _receive = receive;
    }

    /// <summary>An endpoint that receives from now on.</summary>
    /// <param name="bus">MassTransit's bus in memory.</param>
    /// <param name="types">For the contracts of what comes.</param>
    /// <param name="queue">The endpoint's name.</param>
    /// <param name="exchanges">MassTransit's fanout exchanges to bind to.</param>
    /// <param name="receive">Called for one frame at a time. Must not throw.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<FrameEndpoint> StartAsync(
        IBus bus, MessageTypes types, string queue, IEnumerable<string> exchanges,
        Func<LinkFrame, Task> receive, CancellationToken cancellationToken)
    {
        var endpoint = new FrameEndpoint(types, receive);
        endpoint._handle = bus.ConnectReceiveEndpoint(queue, configurator =>
        {
            configurator.ConfigureConsumeTopology = false;
            // One at a time: this is what keeps the order.
            configurator.ConcurrentMessageLimit = 1;
            configurator.ConfigureReceive(pipe => pipe.UseFilter(endpoint));
            if (configurator is not IInMemoryReceiveEndpointConfigurator memory)
            {
                throw new InvalidOperationException(
                    "A memory link needs a bus of MassTransit's in-memory transport.");
            }
            foreach (var exchange in exchanges)
            {
                memory.Bind(exchange);
            }
        });
        try
        {
            await endpoint._handle.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
            endpoint._sender = await bus.GetSendEndpoint(endpoint._handle.ReceiveEndpoint.InputAddress)
                .ConfigureAwait(false);
            return endpoint;
        }
        catch
        {
            // Nobody else knows it.
            await endpoint._handle.StopAsync(CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>False when too many wait already.</summary>
    public async ValueTask<bool> SendAsync(
        LinkFrame frame, IPipe<SendContext<LinkFrame>> pipe, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }
        try
        {
            await _sender!.Send(frame, pipe, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch
        {
            Interlocked.Decrement(ref _waiting);
            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _handle!.StopAsync(cancellationToken);

    Task IFilter<ReceiveContext>.Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        if (FrameSerializer.Read(context) is not { } frame)
        {
            return _receive(ReadForeign(context));
        }
        Interlocked.Decrement(ref _waiting);
        return _receive(frame);
    }

    /// <summary>
    /// A message that MassTransit sent or published: its envelope goes on as it is, under no type when it is
    /// malformed.
    /// </summary>
    private LinkFrame ReadForeign(ReceiveContext context)
    {
        var body = context.Body.GetBytes();
        var contentType = MessageTypes.ContentTypeOf(context.ContentType?.MediaType);
        string? type;
        try
        {
            type = _types.Find(null, contentType, "", body);
        }
        catch (System.Text.Json.JsonException)
        {
            // The receiver logs and drops what has no type, as it does for every message of an unknown one.
            type = null;
        }
        return new LinkFrame { Exchange = "", Type = type ?? "", Body = body, ContentType = contentType };
    }

    void IProbeSite.Probe(ProbeContext context) => context.CreateFilterScope("musterLink");
}

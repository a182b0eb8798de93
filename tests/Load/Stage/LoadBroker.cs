using System.Text;
using Muster.Broker;
using Muster.Load.Reporting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Muster.Load.Stage;

/// <summary>
/// The broker of a run: the one that is named, else, in the order that the tests use, one named by the
/// environment, a container, or the distribution's.
/// </summary>
internal sealed class LoadBroker : IAsyncDisposable
{
    private const string EventExchange = "amq.rabbitmq.event";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly BrokerFixture? _own;
    private string _product = "";

    private LoadBroker(Uri uri, BrokerFixture? own) => (Uri, _own) = (uri, own);

    public Uri Uri { get; }

    /// <summary>
    /// The plugin rabbitmq_event_exchange is there, which the consensus nodes take hints from.
    /// </summary>
    public bool HasEventExchange { get; private set; }

    public static async Task<LoadBroker> OpenAsync(Uri? named, IProgressLine progress)
    {
        named ??= FromEnvironment();
        var broker = named is null ? await StartOwnAsync(progress) : new LoadBroker(named, null);
        try
        {
            await broker.AskAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A connection to look around or to tidy up with.</summary>
    public Task<IConnection> ConnectAsync() => new ConnectionFactory
    {
        Uri = Uri,
        AutomaticRecoveryEnabled = false,
        RequestedConnectionTimeout = Patience,
        HandshakeContinuationTimeout = Patience,
        ClientProvidedName = "muster load",
    }.CreateConnectionAsync();

    public override string ToString() =>
        $"{_product} at {Uri.Host}:{Uri.Port}, "
        + (HasEventExchange ? "with rabbitmq_event_exchange" : "without rabbitmq_event_exchange");

    private static Uri? FromEnvironment()
    {
        var text = Environment.GetEnvironmentVariable(BrokerChoice.NamedVariable);
        return string.IsNullOrEmpty(text) ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" ? uri
            : throw new LoadException(
                $"{BrokerChoice.NamedVariable} is no amqp://user:password@host:port/vhost, nor amqps.");
    }

    private static async Task<LoadBroker> StartOwnAsync(IProgressLine progress)
    {
        progress.Say("No --bus is given: starting a broker for this run.");
        var own = new BrokerFixture();
        try
        {
            return new LoadBroker((await own.SharedAsync()).Uri, own);
        }
        catch (Exception failure)
        {
            await own.DisposeAsync();
            throw new LoadException(
                $"No broker could be started; name one with --bus. {failure.Message}", failure);
        }
    }

    private async Task AskAsync()
    {
        try
        {
            await using var connection = await ConnectAsync();
            _product = $"{Property(connection, "product")} {Property(connection, "version")}";
            HasEventExchange = await HasExchangeAsync(connection);
        }
        catch (Exception failure) when (failure is BrokerUnreachableException
            or OperationInterruptedException or IOException or TimeoutException)
        {
            throw new LoadException(
                $"The broker at {Uri.Host}:{Uri.Port}{Uri.AbsolutePath} takes no connection: "
                + failure.GetBaseException().Message,
                failure);
        }
    }

    private static async Task<bool> HasExchangeAsync(IConnection connection)
    {
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await channel.ExchangeDeclarePassiveAsync(EventExchange);
            return true;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode is 403 or 404)
        {
            return false;
        }
    }

    private static string Property(IConnection connection, string name) =>
        connection.ServerProperties?.TryGetValue(name, out var value) == true && value is byte[] utf8
            ? Encoding.UTF8.GetString(utf8)
            : "unknown " + name;
}

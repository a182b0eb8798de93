namespace Muster.Broker;

/// <summary>A RabbitMQ node for tests, started by them or named by the environment.</summary>
public interface IBroker : IAsyncDisposable
{
    /// <summary>
    /// AMQP address with user and password; the same for the broker's whole life, restarts included.
    /// </summary>
    Uri Uri { get; }

    /// <summary>What it is, for the reader of a test's output.</summary>
    string Description { get; }

    /// <summary>The broker tells of deleted queues (plugin rabbitmq_event_exchange).</summary>
    bool HasEventExchange { get; }

    /// <summary>
    /// The tests own it and may stop, block and command it. Otherwise the members below throw.
    /// </summary>
    bool CanControl { get; }

    bool IsRunning { get; }

    /// <summary>Shuts the node down in order; connections are closed, durable things stay.</summary>
    Task StopAsync();

    /// <summary>Starts a stopped node on the same port; returns once it takes AMQP connections.</summary>
    Task StartAsync();

    /// <summary>Raises the memory alarm: publishers are blocked until <see cref="UnblockAsync"/>.</summary>
    Task BlockAsync();

    Task UnblockAsync();

    /// <summary>
    /// Stops the node where it stands: its connections stay, and nothing moves until <see
    /// cref="ResumeAsync"/>.
    /// </summary>
    Task PauseAsync();

    Task ResumeAsync();

    /// <summary>
    /// Runs rabbitmqctl against the node and returns its standard output; throws when it fails.
    /// </summary>
    Task<string> RabbitmqctlAsync(params string[] arguments);
}

/// <summary>What a test's own broker shall be like.</summary>
public sealed record BrokerOptions
{
    /// <summary>Enable rabbitmq_event_exchange, as the files under compose/ do. Default true.</summary>
    public bool EventExchange { get; init; } = true;
}

using System.Net.Security;
using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>Where the broker is.</summary>
public sealed record RabbitLinkSettings
{
    /// <summary>
    /// <c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c>: then the broker's certificate must name
    /// the host, and be of an authority that this machine trusts, or nothing is sent.
    /// </summary>
    public required Uri Broker { get; init; }

    /// <summary>What the broker's management pages show for the connections. Default <c>muster</c>.</summary>
    public string ClientName { get; init; } = "muster";

    /// <summary>
    /// AMQP heartbeat: a silent connection counts as lost after it. Lower finds cut cables sooner and lost
    /// beats falsely. Default 10 s.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// One part of a connect (a connection, the inbox, each work queue) before all of it is given up and
    /// tried again. Each work queue takes some six round trips to the broker. Default 5 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal ConnectionFactory CreateFactory() => new()
    {
        Uri = Broker,
        // After the address, which for amqps would take any name that an authority has signed.
        Ssl = { AcceptablePolicyErrors = SslPolicyErrors.None },
        // The link reconnects itself: recovery would come back with the old queue, and keep retrying behind
        // our back.
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = Heartbeat,
        RequestedConnectionTimeout = ConnectTimeout,
        HandshakeContinuationTimeout = ConnectTimeout,
        ContinuationTimeout = ConnectTimeout,
        ConsumerDispatchConcurrency = 1,
    };

    /// <summary>The broker without the password.</summary>
    public override string ToString()
    {
        var user = Broker.UserInfo.Split(':')[0];
        var login = user.Length == 0 ? "" : user + "@";
        return $"{Broker.Scheme}://{login}{Broker.Authority}{Broker.AbsolutePath}";
    }
}

using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>Links over RabbitMQ; each has its own two connections.</summary>
/// <param name="settings">The broker, and how patient a link is with it.</param>
/// <param name="names">The cluster's.</param>
/// <param name="loggers">Where losses and returns of connections are told.</param>
/// <param name="time">The clock of pauses; null: the system's.</param>
public sealed class RabbitLinkFactory(
    RabbitLinkSettings settings, BusNames names, ILoggerFactory loggers, TimeProvider? time = null)
    : ILinkFactory
{
    /// <inheritdoc/>
    public BusNames Names => names;

    /// <inheritdoc/>
    public IBusLink Create(LinkOptions options) =>
        new RabbitLink(
            settings, names, options, loggers.CreateLogger<RabbitLink>(), time ?? TimeProvider.System);
}

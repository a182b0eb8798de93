using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>Links over RabbitMQ; each has its own two connections.</summary>
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

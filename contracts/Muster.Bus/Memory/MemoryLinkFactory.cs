using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>Links within the process, for the embedded host and for tests.</summary>
public sealed class MemoryLinkFactory(MemoryBus bus, ILoggerFactory loggers) : ILinkFactory
{
    /// <inheritdoc/>
    public BusNames Names => bus.Names;

    /// <inheritdoc/>
    public IBusLink Create(LinkOptions options) =>
        new MemoryLink(bus, options, loggers.CreateLogger<MemoryLink>());
}

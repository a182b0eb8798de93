using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>Links within the process, for the embedded host and for tests.</summary>
public sealed class MemoryLinkFactory(MemoryBus bus, ILoggerFactory loggers) : ILinkFactory
{
    public BusNames Names => bus.Names;

    public IBusLink Create(LinkOptions options) =>
        new MemoryLink(bus, options, loggers.CreateLogger<MemoryLink>());
}

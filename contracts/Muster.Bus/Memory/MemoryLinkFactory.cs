using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>Links within the process, for the embedded host and for tests.</summary>
/// <param name="bus">What all of them share; it stays the caller's to dispose, after the links.</param>
/// <param name="loggers">Where a link tells what goes wrong.</param>
public sealed class MemoryLinkFactory(MemoryBus bus, ILoggerFactory loggers) : ILinkFactory
{
    /// <inheritdoc/>
    public BusNames Names => bus.Names;

    /// <inheritdoc/>
    public IBusLink Create(LinkOptions options) =>
        new MemoryLink(bus, options, loggers.CreateLogger<MemoryLink>());
}

namespace Muster.Bus;

/// <summary>
/// Makes the links of a process, over RabbitMQ or in memory: what a service takes by injection.
/// </summary>
public interface ILinkFactory
{
    /// <summary>The cluster's names.</summary>
    BusNames Names { get; }

    /// <summary>A link that is not connected yet; its owner starts and disposes it.</summary>
    /// <exception cref="ArgumentException">An option breaks its rule; the message has the value.</exception>
    IBusLink Create(LinkOptions options);
}

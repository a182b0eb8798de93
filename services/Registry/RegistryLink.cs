using Muster.Bus;
using Muster.Contracts.Registry;

namespace Muster.Registry;

/// <summary>The replica's lane for commands, heartbeats, answers and events; its log has another.</summary>
public static class RegistryLink
{
    private static IEnumerable<Type> Published =>
    [
        typeof(InstanceRegistered), typeof(InstanceChanged), typeof(InstanceRemoved), typeof(ConfigChanged),
        typeof(RegistryEventsHead),
    ];

    public static IBusLink Create(
        ILinkFactory links, string origin, params IReadOnlyList<WorkQueue> queues) =>
        links.Create(new LinkOptions
        {
            Address = "registry." + origin,
            OnMessage = _ => { },
            Publishes = [.. Published.Select(links.Names.Exchange)],
            WorkQueues = queues,
        });
}

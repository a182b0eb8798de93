using Muster.Bus;
using Muster.Contracts.Lock;

namespace Muster.Lock;

/// <summary>The replica's lane for commands, heartbeats, answers and events; its log has another.</summary>
public static class LockLink
{
    private static IEnumerable<Type> Published =>
    [
        typeof(LockGranted), typeof(LockQueued), typeof(LockReleased), typeof(LockLost),
        typeof(SessionExpired), typeof(LeaderChanged), typeof(LockEventsHead),
    ];

    public static IBusLink Create(
        ILinkFactory links, string origin, params IReadOnlyList<WorkQueue> queues) =>
        links.Create(new LinkOptions
        {
            Address = "lock." + origin,
            OnMessage = _ => { },
            Publishes = [.. Published.Select(links.Names.Exchange)],
            WorkQueues = queues,
        });
}

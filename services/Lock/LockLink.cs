using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Consumers;

namespace Muster.Lock;

/// <summary>The replica's lane for commands, heartbeats, answers and events; its log has another.</summary>
public sealed class LockLink
{
    public const string BatchQueue = "muster-lock-batches";
    public const string HeartbeatQueue = "muster-lock-heartbeats";

    /// <summary>A client sends an unanswered command again, so an old batch is worth nothing.</summary>
    private static readonly TimeSpan BatchLife = TimeSpan.FromMinutes(1);

    /// <summary>A burst of old heartbeats after a stall must revive nobody.</summary>
    private static readonly TimeSpan HeartbeatLife = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A replica that stands still keeps what it was handed until the broker gives its connection up, some 20
    /// s later. Of three heartbeats a session needs two in turn not to be lost; with one at a time no replica
    /// can take two. Each is acknowledged at once, so one at a time are still some thousand a second.
    /// </summary>
    private const ushort HeartbeatsAtATime = 1;

    private BatchConsumer? _batches;
    private HeartbeatConsumer? _heartbeats;

    public LockLink(string origin, ILinkFactory links)
    {
        var names = links.Names;
        Link = links.Create(new LinkOptions
        {
            Address = "lock." + origin,
            OnMessage = _ => { },
            Publishes = [.. Published.Select(names.Exchange)],
            WorkQueues =
            [
                new WorkQueue
                {
                    Name = names.Queue(BatchQueue),
                    Exchanges = [names.Exchange(typeof(LockCommandBatch))],
                    OnMessage = message => _batches!.Consume(message),
                    MessageTtl = BatchLife,
                },
                new WorkQueue
                {
                    Name = names.Queue(HeartbeatQueue),
                    Exchanges = [names.Exchange(typeof(Heartbeat))],
                    OnMessage = message => _heartbeats!.Consume(message),
                    Prefetch = HeartbeatsAtATime,
                    MessageTtl = HeartbeatLife,
                },
            ],
        });
    }

    public IBusLink Link { get; }

    private static IEnumerable<Type> Published =>
    [
        typeof(LockGranted), typeof(LockQueued), typeof(LockReleased), typeof(LockLost),
        typeof(SessionExpired), typeof(LockEventsHead),
    ];

    /// <summary>Names who takes the messages; before the link is started.</summary>
    public void Feed(BatchConsumer batches, HeartbeatConsumer heartbeats)
    {
        _batches = batches;
        _heartbeats = heartbeats;
    }
}

using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Decisions;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>Translates what comes to the client's inbox into inputs; nothing that comes can throw.</summary>
internal static class Inbox
{
    /// <summary>The events that a client listens to, beside the answers to its own messages.</summary>
    public static readonly IReadOnlyList<Type> Events =
    [
        typeof(ConfigChanged), typeof(RegistryEventsHead),
        typeof(LockLost), typeof(LeaderChanged), typeof(LockEventsHead),
        typeof(StandbyPromoted), typeof(StateUpdated), typeof(RecoveryCompleted), typeof(RecoveryFailed),
        typeof(GroupRemoved), typeof(RecoveryEventsHead),
    ];

    /// <summary>
    /// Those it listens to also without <see cref="MusterOptions.ReceiveEvents"/>: a lock that is broken or
    /// taken away early is told by nothing else before the next renewal.
    /// </summary>
    public static readonly IReadOnlyList<Type> EventsAlways = [typeof(LockLost)];

    private static readonly FrozenDictionary<string, Func<LinkMessage, Action<ClientParts>>> Readers =
        new[]
        {
            On<LockReplyBatch>((parts, replies) => parts.Answer(replies)),
            On<RegistryReplyBatch>((parts, replies) => parts.Answer(replies)),
            On<RecoveryReplyBatch>((parts, replies) => parts.Answer(replies)),
            On<DecisionReplyBatch>((parts, replies) => parts.Answer(replies)),
            On<HeartbeatAnswered>((parts, answer) => parts.Pulse.OnAnswered(answer)),
            On<ConfigChanged>((parts, change) => parts.Config.OnChanged(change)),
            On<RegistryEventsHead>((parts, head) => parts.Config.OnHead(head)),
            On<LockLost>((parts, lost) => parts.Locks.OnLockLost(lost)),
            On<LeaderChanged>((parts, change) => parts.Elections.OnChanged(change)),
            On<LockEventsHead>((parts, head) => parts.Elections.OnHead(head)),
            On<StandbyPromoted>((parts, promoted) =>
                parts.Standbys.OnEvent(new RecoveryEvent { StandbyPromoted = promoted })),
            On<StateUpdated>((parts, updated) =>
                parts.Standbys.OnEvent(new RecoveryEvent { StateUpdated = updated })),
            On<RecoveryCompleted>((parts, completed) =>
                parts.Standbys.OnEvent(new RecoveryEvent { RecoveryCompleted = completed })),
            On<RecoveryFailed>((parts, failed) =>
                parts.Standbys.OnEvent(new RecoveryEvent { RecoveryFailed = failed })),
            On<GroupRemoved>((parts, removed) =>
                parts.Standbys.OnEvent(new RecoveryEvent { GroupRemoved = removed })),
            On<RecoveryEventsHead>((parts, head) => parts.Standbys.OnHead(head)),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null for a message that is dropped.</summary>
    public static Action<ClientParts>? Read(LinkMessage message, ILogger logger)
    {
        try
        {
            if (Readers.TryGetValue(message.Type, out var read))
            {
                return read(message);
            }
            logger.MessageUnexpected(message.Type);
        }
        catch (JsonException exception)
        {
            logger.MessageMalformed(exception, message.Type);
        }
        return null;
    }

    private static KeyValuePair<string, Func<LinkMessage, Action<ClientParts>>> On<T>(
        Action<ClientParts, T> take)
        where T : class => new(BusJson.TypeName(typeof(T)), message =>
        {
            var content = message.Read<T>();
            return parts => take(parts, content);
        });
}

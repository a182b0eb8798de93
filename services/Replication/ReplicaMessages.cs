using System.Collections.Frozen;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>Between the core's inputs and requests and the bus.</summary>
internal static class ReplicaMessages
{
    private static readonly FrozenDictionary<string, Func<LinkMessage, ReplicaInput>> Readers =
        new Dictionary<string, Func<LinkMessage, ReplicaInput>>
        {
            [NameOf<EntriesCommitted>()] = message =>
                new EntriesCommittedReceived(message.Read<EntriesCommitted>()),
            [NameOf<LeaderElected>()] = message => new LeaderElectedReceived(message.Read<LeaderElected>()),
            [NameOf<EntriesRead>()] = message => new EntriesReadReceived(message.Read<EntriesRead>()),
            [NameOf<SnapshotRead>()] = message => new SnapshotReadReceived(message.Read<SnapshotRead>()),
            [NameOf<ConsensusRefused>()] = message => new RefusedReceived(message.Read<ConsensusRefused>()),
            [NameOf<ReadIndexFound>()] = message =>
                new ReadIndexFoundReceived(message.Read<ReadIndexFound>()),
            [NameOf<RefuseEntry>()] = message => new RefusalRequested(message.Read<RefuseEntry>()),
            [NameOf<GroupDescription>()] = message => new GroupDescribed(message.Read<GroupDescription>()),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null for a message that is none of a replica's.</summary>
    /// <exception cref="System.Text.Json.JsonException">Malformed.</exception>
    public static ReplicaInput? Read(LinkMessage message) =>
        Readers.TryGetValue(message.Type, out var read) ? read(message) : null;

    /// <summary>
    /// False when the link dropped it. What has an answer is sent again by the core in its time.
    /// </summary>
    public static bool Send(IBusLink link, BusNames names, ReplicaSend send)
    {
        var options = new SendOptions
        {
            CorrelationId = send.RequestId,
            ReplyTo = ReplyAddress.InboxScheme + link.Address,
        };
        return send.Message switch
        {
            ProposeEntries message => Send(link, names, send, message, options),
            ReadEntries message => Send(link, names, send, message, options),
            ReadSnapshot message => Send(link, names, send, message, options),
            ReadIndex message => Send(link, names, send, message, options),
            StoreSnapshot message => Send(link, names, send, message, options),
            DescribeGroup message => Send(link, names, send, message, options),
            _ => throw new InvalidOperationException($"A replica sends no {send.Message.GetType()}."),
        };
    }

    private static bool Send<T>(
        IBusLink link, BusNames names, ReplicaSend send, T message, SendOptions options)
        where T : class =>
        send.ToAll
            ? link.Publish(names.AllConsensusNodes, message, options)
            : link.Send(BusNames.ConsensusAddress(send.To.Value), message, options);

    private static string NameOf<T>() => BusJson.TypeName(typeof(T));
}

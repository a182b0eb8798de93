using Muster.Bus;
using Muster.Consensus.Driver;
using Muster.Consensus.Storage;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Transport;

/// <summary>
/// What leaves for the peers. AppendEntries and their answers wait for <see cref="Flush"/>, so that those of
/// all groups of a step are one message to each peer; all else, which is rare or large, goes alone. Each
/// peer gets everything in the order in which it came. The loop's thread only.
/// </summary>
internal sealed class PeerOutbox(IBusLink link, NodeSetup setup, ConsensusStore store)
{
    /// <summary>
    /// What makes a batch full. A broker's queue drops by messages, and a heartbeat waits behind the bytes.
    /// </summary>
    private const long FullBytes = 256 * 1024;
    private const int FullCount = 1000;

    private readonly Dictionary<NodeId, Waiting> _waiting = [];

    public void Send(string group, PeerMessage message)
    {
        if (message is not (AppendEntries or AppendEntriesReply))
        {
            Flush(message.To);
            var stamped = Stamp(message, setup.Identity.ClusterId, store) with { Group = group };
            link.Send(BusNames.ConsensusAddress(message.To.Value), stamped with
            {
                Incarnation = link.Incarnation,
            });
            return;
        }
        if (!_waiting.TryGetValue(message.To, out var waiting))
        {
            waiting = new Waiting();
            _waiting.Add(message.To, waiting);
        }
        var bytes = AppendCodec.SizeOf(message);
        if (waiting.IsFull(bytes)) Flush(message.To);
        waiting.Add(message, bytes);
    }

    /// <summary>A message with the cluster, the disk and the start that it is from.</summary>
    public static PeerMessage Stamp(PeerMessage message, string clusterId, IDiskRecord disk) => message with
    {
        ClusterId = clusterId,
        DiskId = disk.DiskId,
        LogId = disk.LogId,
        StartId = disk.StartId,
        Protocol = PeerProtocol.Spoken,
    };

    public void Flush()
    {
        foreach (var peer in _waiting.Keys)
        {
            Flush(peer);
        }
    }

    private void Flush(NodeId peer)
    {
        if (!_waiting.TryGetValue(peer, out var waiting) || waiting.Count == 0) return;
        var batch = new AppendBatch
        {
            ClusterId = setup.Identity.ClusterId,
            From = setup.Node,
            To = peer,
            DiskId = store.DiskId,
            LogId = store.LogId,
            StartId = store.StartId,
            Protocol = PeerProtocol.Spoken,
            Incarnation = link.Incarnation,
            Answers = waiting.Answers,
            Requests = waiting.Requests,
        };
        var body = new EncodedBody(AppendBatch.BinaryContentType, AppendCodec.Write(batch));
        link.Send(BusNames.ConsensusAddress(peer.Value), batch, new SendOptions { Encoded = body });
        waiting.Clear();
    }

    private sealed class Waiting
    {
        private long _bytes;

        public List<AppendEntries> Requests { get; } = [];

        public List<AppendEntriesReply> Answers { get; } = [];

        public int Count => Requests.Count + Answers.Count;

        public bool IsFull(long more) => Count >= FullCount || _bytes + more > FullBytes;

        public void Add(PeerMessage message, long bytes)
        {
            _bytes += bytes;
            if (message is AppendEntries request) Requests.Add(request);
            else Answers.Add((AppendEntriesReply)message);
        }

        public void Clear()
        {
            _bytes = 0;
            Requests.Clear();
            Answers.Clear();
        }
    }
}

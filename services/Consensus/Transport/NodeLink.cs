using System.Collections.Frozen;
using Muster.Bus;
using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Consensus.Reporting;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Transport;

/// <summary>
/// Everything that comes in to a node: reads messages on the link's thread and posts them to the loop.
/// </summary>
internal sealed class NodeLink
{
    private readonly NodeSetup _setup;
    private readonly InputQueue _queue;
    private readonly NodeView _view;
    private readonly FrozenDictionary<string, Action<LinkMessage>> _handlers;
    private readonly string _own;

    public NodeLink(
        NodeSetup setup, InputQueue queue, NodeView view, ILinkFactory links, Func<NodeOutbox> outbox)
    {
        (_setup, _queue, _view) = (setup, queue, view);
        _handlers = Handlers(outbox);
        _own = BusNames.ConsensusAddress(setup.Node.Value) + ".";
        Link = links.Create(new LinkOptions
        {
            Address = BusNames.ConsensusAddress(setup.Node.Value),
            OnMessage = Receive,
            Subscriptions = [links.Names.AllConsensusNodes],
            Publishes =
            [
                .. setup.Identity.Groups.Select(links.Names.Committed),
                links.Names.Exchange(typeof(LeaderElected)),
                links.Names.Exchange(typeof(MembersChanged)),
            ],
            // Older Raft messages only cost time: their sender has asked again.
            InboxMessageTtl = TimeSpan.FromMilliseconds(setup.Raft.ElectionMaxMilliseconds),
            OnQueueDeleted = OnQueueDeleted,
        });
        Link.Up += OnUp;
        Link.Down += OnDown;
    }

    public IBusLink Link { get; }

    private void OnUp(string incarnation)
    {
        _setup.Logger.ConnectionUp(_setup.Node, incarnation);
        _setup.Start.Connected();
        _queue.Post(new ConnectionNews(new OwnConnectionChanged(true)));
    }

    private void OnDown(string reason)
    {
        _setup.Logger.ConnectionDown(_setup.Node, reason);
        _queue.Post(new ConnectionNews(new OwnConnectionChanged(false)));
    }

    private void OnQueueDeleted(string queue)
    {
        // Members come and go; the core compares it with the leader's.
        if (!queue.StartsWith(BusNames.ConsensusAddress(""), StringComparison.Ordinal)
            || queue.StartsWith(_own, StringComparison.Ordinal))
        {
            return;
        }
        _view.CountHint();
        _setup.Logger.HintReceived(_setup.Node, queue);
        _queue.Post(new ConnectionNews(new ConnectionLost(queue)));
    }

    private void Receive(LinkMessage message)
    {
        _view.CountReceived(message.Body.Length);
        if (_handlers.TryGetValue(message.Type, out var handle)) handle(message);
        else _setup.Drops.Count($"a {message.Type} is nothing for a consensus node");
    }

    private FrozenDictionary<string, Action<LinkMessage>> Handlers(Func<NodeOutbox> outbox)
    {
        var handlers = new Dictionary<string, Action<LinkMessage>>(StringComparer.Ordinal);
        Peer<PreVote>();
        Peer<PreVoteReply>();
        Peer<RequestVote>();
        Peer<RequestVoteReply>();
        Peer<InstallSnapshot>();
        Peer<InstallSnapshotReply>();
        Peer<TimeoutNow>();
        Peer<AnnounceDisk>();
        Peer<DiskRefused>();
        handlers[BusJson.TypeName(typeof(AppendBatch))] = ReceiveBatch;
        handlers[BusJson.TypeName(typeof(LoopBack))] = ReceiveOwn;
        Request<ProposeEntries>(request => request.Group);
        Request<ReadIndex>(request => request.Group);
        Request<ReadEntries>(request => request.Group);
        Request<ReadSnapshot>(request => request.Group);
        Request<StoreSnapshot>(request => request.Group);
        Request<DescribeGroup>(request => request.Group);
        Request<TransferLeadership>(request => request.Group);
        Request<ChangeMembers>(request => request.Group);
        return handlers.ToFrozenDictionary(StringComparer.Ordinal);

        void Peer<T>() where T : PeerMessage =>
            handlers[BusJson.TypeName(typeof(T))] = message =>
            {
                var read = message.Read<T>();
                if (IsPossible(read)) Post(new PeerArrived(read), message);
            };

        void Request<T>(Func<T, string> groupOf) where T : class =>
            handlers[BusJson.TypeName(typeof(T))] = message =>
            {
                var request = message.Read<T>();
                var arrived = new RequestArrived(
                    message.Origin(Requests.IdOf(request)), groupOf(request), request, false);
                if (!Post(arrived, message)) outbox().Reply(arrived.From, Requests.Overloaded(arrived));
            };
    }

    private void ReceiveBatch(LinkMessage message)
    {
        try
        {
            var batch = message.ContentType == AppendBatch.BinaryContentType
                ? AppendCodec.Read(message.Body.Span)
                : message.Read<AppendBatch>();
            Post(new BatchArrived([.. MessagesOf(batch).Where(IsPossible)]), message);
        }
        catch (InvalidDataException malformed)
        {
            _setup.Drops.Count("a batch of AppendEntries is malformed: " + malformed.Message);
        }
    }

    private bool IsPossible(PeerMessage message)
    {
        if (PeerCheck.Problem(message) is not { } problem) return true;
        _setup.Drops.Count(problem);
        return false;
    }

    private void ReceiveOwn(LinkMessage message)
    {
        var probe = message.Read<LoopBack>();
        if (probe.StartId == _view.Status.StartId) _view.Stalls.Returned(probe);
    }

    /// <summary>Each as if it had come alone.</summary>
    /// <exception cref="InvalidDataException">One is null: JSON can say so.</exception>
    internal static IEnumerable<PeerMessage> MessagesOf(AppendBatch batch)
    {
        foreach (var message in batch.Answers.Concat<PeerMessage?>(batch.Requests))
        {
            if (message is null) throw new InvalidDataException("one of its messages is null.");
            yield return message with
            {
                ClusterId = batch.ClusterId,
                From = batch.From,
                To = batch.To,
                DiskId = batch.DiskId,
                LogId = batch.LogId,
                StartId = batch.StartId,
                Protocol = batch.Protocol,
                Incarnation = batch.Incarnation,
            };
        }
    }

    private bool Post(NodeInput input, LinkMessage message)
    {
        if (_queue.TryPostAndRun(input, message.Body.Length)) return true;
        _setup.Drops.Count("the node's input queue is full");
        return false;
    }
}

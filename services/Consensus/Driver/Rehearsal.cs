using Muster.Bus;
using Muster.Consensus.Core;
using Muster.Consensus.Transport;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>
/// Three cores in memory elect, commit, lose their leader by a broker hint and elect again, over the wire's
/// own forms. A follower may run for months before its first election, whose code would be compiled then,
/// while everybody waits for it; a process does it once at its start instead.
/// </summary>
internal sealed class Rehearsal
{
    private const string Group = "rehearsal";
    private static readonly NodeId[] Nodes = [new("a"), new("b"), new("c")];
    private static readonly Lazy<Task> Once = new(() => Task.Run(static () => new Rehearsal().Run()));

    private readonly Dictionary<NodeId, RaftCore> _cores = Nodes.ToDictionary(node => node, NewCore);
    private readonly Queue<PeerMessage> _underWay = new();
    private NodeId _lost;
    private long _now;

    /// <summary>Begins once for all nodes of this process, and returns at once.</summary>
    public static Task Begin() => Once.Value;

    /// <returns>The leader before and the one after the loss.</returns>
    /// <exception cref="InvalidOperationException">The cores do not do as ever.</exception>
    public (NodeId Before, NodeId After) Run()
    {
        foreach (var node in Nodes) Step(node, new OwnConnectionChanged(true));
        var before = Elect();
        Work(before);
        _lost = before;
        foreach (var node in Left()) Step(node, new ConnectionLost(before.Value));
        var after = Elect();
        Work(after);
        return (before, after);
    }

    private static RaftCore NewCore(NodeId node) => new(new RaftOptions(), new RestoredGroup
    {
        Group = Group,
        Self = node,
        Members = Nodes,
        RandomSeed = node.Value[0],
    });

    private IEnumerable<NodeId> Left() => Nodes.Where(node => node != _lost);

    /// <summary>Whose time has come first stands.</summary>
    private NodeId Elect()
    {
        for (var turn = 0; turn < 10; turn++)
        {
            var next = Left().MinBy(node => _cores[node].NextDeadline);
            _now = Math.Max(_now, _cores[next].NextDeadline);
            Step(next);
            Deliver();
            if (_cores[next] is { Role: RaftRole.Leader, CommitIndex.Value: > 0 }) return next;
        }
        throw new InvalidOperationException("The rehearsal has elected nobody.");
    }

    private void Work(NodeId leader)
    {
        var from = new ReplyAddress { Address = ReplyAddress.InboxScheme + Group, RequestId = "1" };
        var proposal = new ProposeEntries
        {
            Group = Group,
            ProposalId = "1",
            Payloads = [[1]],
            WantsAnswer = true,
        };
        var asked = OverTheWire(proposal);
        Step(Left().First(node => node != leader), new ProposalReceived(from, asked));
        Step(leader, new ProposalReceived(from, asked));
        Deliver();
        Step(leader, new ReadIndexReceived(from, OverTheWire(new ReadIndex { Group = Group })));
        Deliver();
        // A heartbeat, after which the followers know what is committed.
        _now = _cores[leader].NextDeadline;
        Step(leader);
        Deliver();
    }

    private void Deliver()
    {
        while (_underWay.TryDequeue(out var message))
        {
            if (message.To != _lost) Step(message.To, new PeerReceived(message));
        }
    }

    private void Step(NodeId node, params RaftInput[] inputs)
    {
        var output = _cores[node].Step(_now, inputs);
        foreach (var message in output.Early.Concat(output.Messages)) _underWay.Enqueue(Sent(message));
        if (output.Elected is { } elected) OverTheWire(elected);
        if (output.Committed.Count > 0) OverTheWire(new EntriesCommitted { Entries = output.Committed });
        foreach (var reply in output.Replies) BusJson.Write(reply.Message);
        if (output.Append is [.., var last]) Step(node, new EntriesPersisted(last.Index, last.Term));
    }

    /// <summary>The connection's name is the node's own here.</summary>
    private static PeerMessage Sent(PeerMessage message)
    {
        var stamped = message with { Group = Group, Incarnation = message.From.Value };
        var batch = new AppendBatch
        {
            From = message.From,
            To = message.To,
            Incarnation = message.From.Value,
        };
        return stamped switch
        {
            AppendEntries request => Single(batch with { Requests = [request] }),
            AppendEntriesReply answer => Single(batch with { Answers = [answer] }),
            _ => OverTheWire(stamped),
        };
    }

    private static PeerMessage Single(AppendBatch batch) =>
        NodeLink.MessagesOf(AppendCodec.Read(AppendCodec.Write(batch))).First();

    private static T OverTheWire<T>(T message) where T : class =>
        (T)BusJson.ReadBody(BusJson.Write(message), message.GetType());
}

using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Consensus.Transport;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Wire;

/// <summary>How the messages of one step leave a node.</summary>
public sealed class PeerOutboxTests : IDisposable
{
    private static readonly NodeId Self = new("n1");
    private static readonly NodeId[] Peers = [new("n2"), new("n3")];

    private readonly TestFolder _folder = new();
    private readonly SentMessages _link = new();
    private readonly ConsensusStore _store;
    private readonly PeerOutbox _outbox;

    public PeerOutboxTests()
    {
        var identity = new DiskIdentity
        {
            ClusterId = "test",
            Node = Self,
            Members = [Self, .. Peers],
            Groups = ["g"],
        };
        _store = ConsensusStore.Open(_folder.Path, identity, bootstrap: true, TimeProvider.System);
        _outbox = new PeerOutbox(_link, new NodeSetup
        {
            Identity = identity,
            Raft = new RaftOptions(),
            Time = TimeProvider.System,
            Logger = NullLogger.Instance,
            OnFatal = _ => { },
            ScrubInterval = TimeSpan.FromMinutes(1),
            Drops = new DropLog(TimeProvider.System, (_, _) => { }),
            Start = new StartWatch(identity.Node, TimeProvider.System, NullLogger.Instance),
        }, _store);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_hundred_groups_heartbeats_are_one_message_to_each_peer()
    {
        for (var group = 0; group < 100; group++)
        {
            foreach (var peer in Peers) Send(new AppendEntries { To = peer, Group = "g" + group });
        }
        _link.Sent.ShouldBeEmpty();
        _outbox.Flush();

        _link.Sent.Select(one => one.Address).ShouldBe(["consensus.n2", "consensus.n3"], ignoreOrder: true);
        foreach (var (address, batch) in Batches())
        {
            batch.Requests.Select(one => one.Group)
                .ShouldBe(Enumerable.Range(0, 100).Select(group => "g" + group));
            (batch.ClusterId, batch.From, batch.DiskId, batch.LogId, batch.Incarnation)
                .ShouldBe(("test", Self, _store.DiskId, _store.LogId, "sent.1"));
            address.ShouldBe("consensus." + batch.To.Value);
        }
        _outbox.Flush();
        _link.Sent.Count.ShouldBe(2);
    }

    [Fact]
    public void Answers_and_requests_to_one_peer_are_one_message()
    {
        Send(new AppendEntries { To = Peers[0], RequestId = 1 });
        Send(new AppendEntriesReply { To = Peers[0], RequestId = 2 });
        _outbox.Flush();

        var batch = Batches().ShouldHaveSingleItem().Batch;
        batch.Requests.ShouldHaveSingleItem().RequestId.ShouldBe(1);
        batch.Answers.ShouldHaveSingleItem().RequestId.ShouldBe(2);
    }

    [Fact]
    public void A_full_batch_leaves_and_the_next_goes_on_in_the_same_order()
    {
        for (var request = 0; request < 5; request++)
        {
            var entry = new LogEntry { Payload = new byte[100 * 1024] };
            Send(new AppendEntries { To = Peers[0], RequestId = request, Entries = [entry] });
        }
        _outbox.Flush();

        Batches().Select(one => one.Batch.Requests.Count).ShouldBe([2, 2, 1]);
        Batches().SelectMany(one => one.Batch.Requests).Select(one => one.RequestId)
            .ShouldBe([0L, 1L, 2L, 3L, 4L]);
        _link.Sent.ShouldAllBe(one => one.Body.Length < 256 * 1024);
    }

    [Fact]
    public void One_that_is_larger_than_a_batch_goes_alone()
    {
        Send(new AppendEntries { To = Peers[0] });
        var entry = new LogEntry { Payload = new byte[LogEntry.LargestPayloadBytes] };
        Send(new AppendEntries { To = Peers[0], Entries = [entry] });
        Send(new AppendEntries { To = Peers[0] });
        _outbox.Flush();

        Batches().Select(one => one.Batch.Requests.Count).ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void Other_messages_go_alone_at_once_and_overtake_nothing()
    {
        Send(new AppendEntries { To = Peers[0] });
        Send(new AppendEntries { To = Peers[1] });
        Send(new TimeoutNow { To = Peers[0] });

        _link.Sent.Select(one => (one.Address, one.Message.GetType())).ShouldBe(
            [("consensus.n2", typeof(AppendBatch)), ("consensus.n2", typeof(TimeoutNow))]);
        var alone = (TimeoutNow)_link.Sent[1].Message;
        (alone.ClusterId, alone.Group, alone.DiskId, alone.Incarnation)
            .ShouldBe(("test", "g", _store.DiskId, "sent.1"));
    }

    private void Send(PeerMessage message) => _outbox.Send("g", message);

    private IEnumerable<(string Address, AppendBatch Batch)> Batches() =>
        _link.Sent.Select(one => (one.Address, AppendCodec.Read(one.Body)));

    private sealed class SentMessages : IBusLink
    {
        public List<(string Address, object Message, byte[] Body)> Sent { get; } = [];

        public string Address => "sent";

        public string Incarnation => "sent.1";

        public bool IsUp => true;

        public event Action<string>? Up
        {
            add { }
            remove { }
        }

        public event Action<string>? Down
        {
            add { }
            remove { }
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public bool Send<T>(string address, T message, SendOptions? options = null) where T : class
        {
            Sent.Add((address, message, options?.Encoded?.Bytes ?? BusJson.Write(message)));
            return true;
        }

        public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class =>
            throw new NotSupportedException();

        public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
            throw new NotSupportedException();

        public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
            where T : class =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

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

namespace Muster.Consensus.Tests;

/// <summary>What a leader tells the replicas of what became committed in one step.</summary>
public sealed class CommitPublishingTests
{
    private static readonly NodeId Node = new("n1");

    [Fact]
    public void A_large_commit_goes_out_in_chunks_that_tell_no_more_than_they_bring()
    {
        var published = Publish(entries: 3, bytes: 300 * 1024);

        published.Select(one => one.Entries.Count).ShouldBe([1, 1, 2]);
        published.Select(one => one.CommitIndex.Value).ShouldBe([1L, 2L, 4L]);
    }

    [Fact]
    public void The_whole_log_that_a_restart_commits_is_announced_and_not_written_out()
    {
        var published = Publish(entries: 9, bytes: 512 * 1024);

        var one = published.ShouldHaveSingleItem();
        one.Entries.ShouldBeEmpty();
        one.CommitIndex.ShouldBe(new LogIndex(10));
    }

    /// <summary>A node alone comes back with these entries, leads, and commits them at once.</summary>
    private static List<EntriesCommitted> Publish(int entries, int bytes)
    {
        var core = new RaftCore(new RaftOptions(), new RestoredGroup
        {
            Group = "g",
            Self = Node,
            Members = [Node],
            HardState = new HardState(new Term(1), Node),
            Entries = [.. Enumerable.Range(1, entries).Select(index => new LogEntry
            {
                Index = new LogIndex(index), Term = new Term(1), Kind = EntryKind.Command,
                Payload = new byte[bytes],
            })],
        });
        var group = new GroupRunner("g", core);
        var last = group.Step(0).Append[^1];
        group.Add(new EntriesPersisted(last.Index, last.Term));
        var link = new KeepingLink();
        using var folder = new TestFolder();
        var identity = new DiskIdentity { ClusterId = "test", Node = Node, Members = [Node], Groups = ["g"] };
        using var store =
            ConsensusStore.Open(folder.Path, identity, bootstrap: true, TimeProvider.System);
        Outbox(link, identity, store).PublishCommitted(group, group.Step(1));
        link.Published.ShouldAllBe(one => one.LogId == store.LogId && one.LogId.Length > 0);
        return link.Published;
    }

    private static NodeOutbox Outbox(IBusLink link, DiskIdentity identity, ConsensusStore store)
    {
        var setup = new NodeSetup
        {
            Identity = identity,
            Raft = new RaftOptions(),
            Time = TimeProvider.System,
            Logger = NullLogger.Instance,
            OnFatal = _ => { },
            ScrubInterval = TimeSpan.FromMinutes(1),
            Drops = new DropLog(TimeProvider.System, (_, _) => { }),
            Start = new StartWatch(identity.Node, TimeProvider.System, NullLogger.Instance),
        };
        return new NodeOutbox(link, new BusNames("test"), setup, store, (_, _) => { });
    }

    private sealed class KeepingLink : IBusLink
    {
        public List<EntriesCommitted> Published { get; } = [];

        public string Address => "keeping";

        public string Incarnation => "keeping.1";

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

        public bool Send<T>(string address, T message, SendOptions? options = null) where T : class => true;

        public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class
        {
            Published.Add(message.ShouldBeOfType<EntriesCommitted>());
            return true;
        }

        public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
            true;

        public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
            where T : class =>
            Task.FromResult(true);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

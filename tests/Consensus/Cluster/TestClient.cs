using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;

namespace Muster.Consensus.Tests.Cluster;

/// <summary>
/// A replica's side of the conversation: asks over a link of its own, and hears what the group's leader
/// publishes.
/// </summary>
internal sealed class TestClient : IAsyncDisposable
{
    public const string Group = "lock";

    private readonly ConcurrentDictionary<string, TaskCompletionSource<object>> _asked =
        new(StringComparer.Ordinal);
    private readonly Channel<LeaderElected> _elected = Channel.CreateUnbounded<LeaderElected>();
    private readonly Channel<EntriesCommitted> _committed = Channel.CreateUnbounded<EntriesCommitted>();
    private readonly Channel<GroupDescription> _descriptions = Channel.CreateUnbounded<GroupDescription>();
    private readonly IBusLink _link;
    private long _lastId;

    private TestClient(MemoryBus bus) =>
        _link = new MemoryLinkFactory(bus, NullLoggerFactory.Instance).Create(new LinkOptions
        {
            Address = "client.test",
            Subscriptions = [bus.Names.Committed(Group)],
            Publishes = [bus.Names.AllConsensusNodes],
            OnMessage = Receive,
        });

    public ChannelReader<EntriesCommitted> Committed => _committed.Reader;

    public IBusLink Link => _link;

    public static async Task<TestClient> StartAsync(MemoryBus bus)
    {
        var client = new TestClient(bus);
        await client._link.StartAsync(TestLimit.Token());
        return client;
    }

    /// <summary>The next election that was not asked for before.</summary>
    public async Task<LeaderElected> NextElectionAsync() =>
        await _elected.Reader.ReadAsync(TestLimit.Token());

    public async Task<object> AskAsync<T>(string node, T request) where T : class
    {
        var (id, answer) = Expect();
        var options =
            new SendOptions { CorrelationId = id, ReplyTo = ReplyAddress.InboxScheme + _link.Address };
        _link.Send(BusNames.ConsensusAddress(node), request, options).ShouldBeTrue();
        return await answer;
    }

    /// <summary>Asks every node at once and takes so many answers.</summary>
    public async Task<IReadOnlyList<GroupDescription>> DescribeAllAsync(string exchange, int count)
    {
        var question = new DescribeGroup { Group = Group, RequestId = "d1" };
        _link.Publish(exchange, question,
            new SendOptions { ReplyTo = ReplyAddress.InboxScheme + _link.Address }).ShouldBeTrue();
        var answers = new List<GroupDescription>();
        while (answers.Count < count)
        {
            answers.Add(await _descriptions.Reader.ReadAsync(TestLimit.Token()));
        }
        return answers;
    }

    /// <summary>Expects an answer to a request that goes another way.</summary>
    public (ReplyAddress From, Task<object> Answer) ExpectAnswer()
    {
        var (id, answer) = Expect();
        return (ReplyAddress.Inbox(_link.Address, id), answer);
    }

    public async Task<EntriesProposed> ProposeAsync(string node, params byte[][] payloads) =>
        (await AskAsync(node, new ProposeEntries { Group = Group, Payloads = payloads, WantsAnswer = true }))
            .ShouldBeOfType<EntriesProposed>();

    /// <summary>The payloads of the commands that a node says are committed.</summary>
    public async Task<IReadOnlyList<LogEntry>> ReadAsync(string node)
    {
        var entries = new List<LogEntry>();
        while (true)
        {
            var from = new LogIndex(entries.Count + 1);
            var answer = await AskAsync(node, new ReadEntries { Group = Group, FromIndex = from });
            var read = answer.ShouldBeOfType<EntriesRead>();
            entries.AddRange(read.Entries);
            if (read.Entries.Count == 0) return entries;
        }
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private (string Id, Task<object> Answer) Expect()
    {
        var id = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        return (id, answer.Task.WaitAsync(TestLimit.Token()));
    }

    private void Receive(LinkMessage message)
    {
        object body = BusJson.ContractOf(message.Type)!.Name switch
        {
            nameof(LeaderElected) => message.Read<LeaderElected>(),
            nameof(EntriesCommitted) => message.Read<EntriesCommitted>(),
            nameof(EntriesProposed) => message.Read<EntriesProposed>(),
            nameof(EntriesRead) => message.Read<EntriesRead>(),
            nameof(SnapshotRead) => message.Read<SnapshotRead>(),
            nameof(ReadIndexFound) => message.Read<ReadIndexFound>(),
            nameof(LeadershipTransferred) => message.Read<LeadershipTransferred>(),
            nameof(MembersChanged) => message.Read<MembersChanged>(),
            nameof(GroupDescription) => message.Read<GroupDescription>(),
            nameof(ConsensusRefused) => message.Read<ConsensusRefused>(),
            var other => throw new InvalidOperationException(other),
        };
        if (body is LeaderElected elected) _elected.Writer.TryWrite(elected);
        else if (body is EntriesCommitted committed) _committed.Writer.TryWrite(committed);
        else if (_asked.TryRemove(message.CorrelationId ?? "", out var waiting)) waiting.SetResult(body);
        else if (body is GroupDescription description) _descriptions.Writer.TryWrite(description);
    }
}

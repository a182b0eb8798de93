using System.Buffers.Binary;
using System.Collections.Concurrent;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Replication.Tests;

/// <summary>A link whose other end is one consensus node, n1, that commits at once.</summary>
internal sealed class FakeBus : ILinkFactory, IBusLink
{
    public const string Group = "g";

    private List<LogEntry> _log = NewLog();

    public BusNames Names { get; } = new(BusNames.DefaultCluster);

    public LinkOptions Options { get; private set; } = null!;

    public ConcurrentQueue<(string To, object Message, SendOptions Options)> Sent { get; } = new();

    /// <summary>The log that the node keeps; ids of younger ones come after it in the alphabet.</summary>
    public string LogId { get; private set; } = "log-1";

    /// <summary>Answers nothing.</summary>
    public volatile bool IsSilent;

    /// <summary>Takes proposals and does nothing with them.</summary>
    public volatile bool LosesProposals;

    /// <summary>Takes no snapshot, as a link that is down.</summary>
    public volatile bool DropsSnapshots;

    public string Address => Options.Address;

    public string Incarnation { get; private set; } = "";

    public bool IsUp => Incarnation.Length > 0;

    public event Action<string>? Up;

    public event Action<string>? Down;

    public IBusLink Create(LinkOptions options)
    {
        Options = options;
        return this;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Connect();
        return Task.CompletedTask;
    }

    public void Connect()
    {
        Down?.Invoke(Incarnation);
        Incarnation = $"{Address}.{Guid.NewGuid():N}";
        Up?.Invoke(Incarnation);
    }

    public bool Send<T>(string address, T message, SendOptions? options = null)
        where T : class => Take(address, message, options!);

    public bool Publish<T>(string exchange, T message, SendOptions? options = null)
        where T : class => Take(exchange, message, options!);

    public bool SendToQueue<T>(string queue, T message, SendOptions? options = null)
        where T : class => throw new NotSupportedException();

    public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
        where T : class => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        Incarnation = "";
        return ValueTask.CompletedTask;
    }

    /// <summary>An entry that no machine reads is committed there, as far as this message goes.</summary>
    public static EntriesCommitted Poison(LogIndex index) => new()
    {
        Group = Group,
        LogId = "log-1",
        Leader = new("n1"),
        Term = new(1),
        Entries = [new() { Index = index, Term = new(1), Kind = EntryKind.Command, Payload = [255] }],
        CommitIndex = index,
    };

    public void Deliver(object message) => Options.OnMessage(new LinkMessage
    {
        Type = BusJson.TypeName(message.GetType()),
        Body = BusJson.Write(message),
    });

    /// <summary>
    /// The node comes back with an empty disk and leads the log of another bootstrap. Not while the replica
    /// waits for an answer.
    /// </summary>
    public void Wipe()
    {
        (_log, LogId) = (NewLog(), "log-2");
        Deliver(new LeaderElected { Group = Group, LogId = LogId, Leader = new("n1"), Term = new(1) });
    }

    /// <summary>Another replica's entry; as <see cref="Wipe"/>.</summary>
    public void Commit(byte[] payload) => Deliver(Append(payload));

    public LogEntry Last => _log[^1];

    private static List<LogEntry> NewLog() =>
        [new() { Index = new(1), Term = new(1), Kind = EntryKind.Empty }];

    private bool Take(string to, object message, SendOptions options)
    {
        Sent.Enqueue((to, message, options));
        if (DropsSnapshots && message is StoreSnapshot)
        {
            return false;
        }
        if (!IsSilent && Answer(message) is { } answer)
        {
            Deliver(answer);
        }
        return true;
    }

    /// <summary>Only the replica's loop calls this.</summary>
    private object? Answer(object message) => message switch
    {
        DescribeGroup describe => new GroupDescription
        {
            Group = Group,
            LogId = LogId,
            RequestId = describe.RequestId,
            Node = new("n1"),
            Role = RaftRole.Leader,
            Leader = new("n1"),
            Term = new(1),
            CommitIndex = Committed,
            Members = [new("n1")],
        },
        ReadSnapshot read => new SnapshotRead { Group = Group, LogId = LogId, RequestId = read.RequestId },
        ReadEntries read => new EntriesRead
        {
            Group = Group,
            LogId = LogId,
            RequestId = read.RequestId,
            CommitIndex = Committed,
            Entries = [.. _log.Where(entry => entry.Index >= read.FromIndex)],
        },
        ReadIndex read => new ReadIndexFound
        {
            Group = Group,
            LogId = LogId,
            RequestId = read.RequestId,
            Index = Committed,
            Term = new(1),
        },
        ProposeEntries propose when !LosesProposals => Append(propose.Payloads.Single()),
        _ => null,
    };

    private LogIndex Committed => new(_log.Count);

    private EntriesCommitted Append(byte[] payload)
    {
        var entry = new LogEntry
        {
            Index = Committed.Next(),
            Term = new(1),
            Kind = EntryKind.Command,
            Payload = payload,
        };
        _log.Add(entry);
        return new()
        {
            Group = Group,
            LogId = LogId,
            Leader = new("n1"),
            Term = new(1),
            Entries = [entry],
            CommitIndex = entry.Index,
        };
    }

    /// <summary>As a replica that it halted asks for it: kind, index and digest.</summary>
    public static byte[] RefusalOf(LogEntry entry)
    {
        var body = new byte[1 + sizeof(long) + sizeof(ulong)];
        body[0] = 2;
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(1), entry.Index.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(9), StateDigest.Of(entry.Payload));
        return new EntryEnvelope
        {
            IsRecord = true,
            Origin = "another",
            Number = 1,
            IssuedAt = 0,
            Body = body,
        }.Write();
    }
}

using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Unit.Tests.Replication.Simulation;

/// <summary>
/// What replicas may expect of consensus, and no more: one committed log that all nodes hold some prefix of;
/// a leader that changes and then keeps any prefix of what it had not committed.
/// </summary>
internal sealed class SimulatedConsensus(Random random, Action<object> publish)
{
    public const string Group = "g";

    private const ConsensusRefusal OtherLog = ConsensusRefusal.OtherLog;


    private readonly List<LogEntry> _log = [];
    private readonly Queue<(byte[] Payload, EntryKind Kind)> _uncommitted = new();
    private readonly Dictionary<NodeId, LogIndex> _known = [];
    private GroupSnapshot? _snapshot;
    private long _logTime;
    private int _bootstraps = 1;

    /// <summary>Names the log; a later one comes after it in the alphabet.</summary>
    public string LogId => $"log-{_bootstraps}";

    public IReadOnlyList<NodeId> Nodes { get; } = [new("n1"), new("n2"), new("n3")];

    public NodeId Leader { get; private set; } = NodeId.None;

    public Term Term { get; private set; }

    /// <summary>Every snapshot that the leader's node took.</summary>
    public List<(LogIndex Index, byte[] Payload)> Snapshots { get; } = [];

    public IReadOnlyList<LogEntry> Log => _log;

    public LogIndex Commit => new(_log.Count);

    public LogIndex FirstIndex { get; private set; } = new(1);

    /// <summary>Share of proposals refused for overload.</summary>
    public double OverloadShare { get; set; }

    public bool IsLogFull { get; set; }

    public void Elect()
    {
        var kept = random.Next(_uncommitted.Count + 1);
        var survivors = _uncommitted.Take(kept).ToList();
        _uncommitted.Clear();
        survivors.ForEach(_uncommitted.Enqueue);
        _uncommitted.Enqueue(([], EntryKind.Empty));
        Term = Term.Next();
        Leader = Nodes[random.Next(Nodes.Count)];
    }

    /// <summary>Every node loses its disk, and the cluster is formed anew under the same names.</summary>
    public void Wipe()
    {
        _bootstraps++;
        _log.Clear();
        _uncommitted.Clear();
        _known.Clear();
        (_snapshot, _logTime, IsLogFull) = (null, 0, false);
        (FirstIndex, Term) = (new(1), Term.Zero);
        Elect();
    }

    public void LoseLeader() => Leader = NodeId.None;

    /// <summary>Commits all that waits, and tells the replicas.</summary>
    public void Advance(long now)
    {
        if (Leader.IsNone)
        {
            return;
        }
        _logTime = Math.Max(_logTime, now);
        var entries = new List<LogEntry>();
        var isElected = false;
        while (_uncommitted.TryDequeue(out var next))
        {
            isElected |= next.Kind == EntryKind.Empty;
            var entry = new LogEntry
            {
                Index = Commit.Next(),
                Term = Term,
                LogTime = _logTime,
                Kind = next.Kind,
                Payload = next.Payload,
            };
            _log.Add(entry);
            entries.Add(entry);
        }
        _known[Leader] = Commit;
        foreach (var node in Nodes.Where(_ => random.Next(2) == 0))
        {
            _known[node] = Commit;
        }
        if (isElected)
        {
            publish(new LeaderElected { Group = Group, LogId = LogId, Leader = Leader, Term = Term });
        }
        if (entries.Count > 0)
        {
            publish(Committed(entries));
        }
    }

    /// <summary>The repeated commit index.</summary>
    public void Announce()
    {
        if (!Leader.IsNone)
        {
            publish(Committed([]));
        }
    }

    public object? Answer(NodeId node, object request) => request switch
    {
        ProposeEntries propose when propose.LogId != LogId => Refuse(propose.ProposalId, OtherLog),
        ReadIndex read when read.LogId != LogId => Refuse(read.RequestId, OtherLog),
        ReadEntries { LogId: not "" } read when read.LogId != LogId => Refuse(read.RequestId, OtherLog),
        ReadSnapshot { LogId: not "" } read when read.LogId != LogId => Refuse(read.RequestId, OtherLog),
        StoreSnapshot store when store.LogId != LogId => Refuse("", OtherLog),
        ProposeEntries propose => Propose(node, propose),
        ReadIndex read => node == Leader && _uncommitted.All(waiting => waiting.Kind != EntryKind.Empty)
            ? new ReadIndexFound
            {
                Group = Group,
                LogId = LogId,
                RequestId = read.RequestId,
                Index = Commit,
                Term = Term,
            }
            : Refuse(read.RequestId, ConsensusRefusal.NotLeader),
        ReadEntries read => Read(node, read),
        ReadSnapshot read => new SnapshotRead
        {
            Group = Group,
            LogId = LogId,
            RequestId = read.RequestId,
            Snapshot = _snapshot,
        },
        StoreSnapshot store => Store(node, store),
        DescribeGroup describe => Describe(node, describe),
        _ => throw new InvalidOperationException($"{request}"),
    };

    private EntriesCommitted Committed(IReadOnlyList<LogEntry> entries) => new()
    {
        Group = Group,
        LogId = LogId,
        Leader = Leader,
        Term = Term,
        Entries = entries,
        CommitIndex = Commit,
    };

    private ConsensusRefused? Propose(NodeId node, ProposeEntries propose)
    {
        if (node != Leader)
        {
            return Refuse(propose.ProposalId, ConsensusRefusal.NotLeader);
        }
        if (IsLogFull || random.NextDouble() < OverloadShare)
        {
            var reason = IsLogFull ? ConsensusRefusal.LogFull : ConsensusRefusal.Overloaded;
            return Refuse(propose.ProposalId, reason);
        }
        foreach (var payload in propose.Payloads)
        {
            _uncommitted.Enqueue((payload, EntryKind.Command));
        }
        return null;
    }

    private object Read(NodeId node, ReadEntries read)
    {
        if (read.FromIndex < FirstIndex)
        {
            return Refuse(read.RequestId, ConsensusRefusal.Compacted);
        }
        var known = _known.GetValueOrDefault(node);
        return new EntriesRead
        {
            Group = Group,
            LogId = LogId,
            RequestId = read.RequestId,
            Entries = [.. _log.Where(entry => entry.Index >= read.FromIndex && entry.Index <= known).Take(7)],
            CommitIndex = known,
        };
    }

    private object? Store(NodeId node, StoreSnapshot store)
    {
        if (node == Leader && store.Index <= Commit && store.Index > (_snapshot?.Index ?? LogIndex.Zero))
        {
            IsLogFull = false;
            Snapshots.Add((store.Index, store.Payload));
            _snapshot = new()
            {
                Index = store.Index,
                Term = Term,
                LogTime = _logTime,
                Payload = store.Payload,
            };
            FirstIndex = new(Math.Max(FirstIndex.Value, store.Index.Value - 3));
        }
        return null;
    }

    private GroupDescription Describe(NodeId node, DescribeGroup describe) => new()
    {
        Group = Group,
        LogId = LogId,
        RequestId = describe.RequestId,
        Node = node,
        Role = node == Leader ? RaftRole.Leader : RaftRole.Follower,
        Leader = Leader,
        Term = Term,
        CommitIndex = _known.GetValueOrDefault(node),
        Members = Nodes,
    };

    private ConsensusRefused Refuse(string requestId, ConsensusRefusal reason) => new()
    {
        Group = Group,
        LogId = LogId,
        RequestId = requestId,
        Reason = reason,
        LeaderHint = Leader,
        Term = Term,
    };
}

using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Unit.Tests.Raft.Harness;

/// <summary>A node with a disk: a step's write takes time, and a crash in that time loses it whole.</summary>
internal sealed class SimulatedNode(NodeId id, RaftOptions options, IReadOnlyList<NodeId> members, ulong seed)
{
    private readonly IReadOnlyList<NodeId> bootstrap = members;
    private IReadOnlyList<NodeId> members = members;
    private ulong starts;
    private int wipes;
    private RaftOutput? writing;
    private long writtenAt;

    public NodeId Id { get; } = id;

    public RaftCore Core { get; private set; } = null!;

    public FakeDisk Disk { get; private set; } = new() { Id = $"{id}#0" };

    /// <summary>The log as the core must have it in memory: the disk and the write under way.</summary>
    public FakeDisk Memory { get; private set; } = new();

    public List<RaftInput> Inbox { get; private set; } = [];

    public bool IsUp { get; private set; }

    public long PausedUntil { get; set; }

    public string Incarnation => $"{Id}.{starts}";

    public void Start()
    {
        starts++;
        IsUp = true;
        writing = null;
        Inbox = [];
        Memory = Disk.Copy();
        Core = new RaftCore(options, Disk.Restore(Id, members, seed + (starts * 7919)));
    }

    public void Crash() => IsUp = false;

    /// <summary>An empty disk: it knows no members, and waits to be added.</summary>
    public void Wipe()
    {
        Disk = new FakeDisk { Id = $"{Id}#{++wipes}" };
        members = [];
    }

    public bool Names(NodeId node) => Disk.Names(node, members) || Memory.Names(node, members);

    /// <summary>By which disk this node takes another for a member; null: for none.</summary>
    public string? DiskOf(NodeId other) => Core.MemberOf(other) switch
    {
        null => null,
        { DiskId.Length: > 0 } member => member.DiskId,
        _ => bootstrap.Contains(other) ? $"{other}#0" : null,
    };

    /// <summary>A step, if there is anything to do and no write under way.</summary>
    public RaftOutput? TryStep(long now, Func<int> writeTime)
    {
        if (!IsUp || writing is not null || now < PausedUntil) return null;
        if (Inbox.Count == 0 && now < Core.NextDeadline) return null;
        var inputs = Inbox;
        Inbox = [];
        var output = Core.Step(now, inputs);
        Memory.Write(output);
        writing = output;
        var writes = output.HardState is not null || output.Snapshot is not null
            || output.TruncateFrom is not null || output.Append.Count > 0;
        writtenAt = now + (writes ? writeTime() : 0);
        return output;
    }

    /// <summary>The output whose write is done by now: its messages and replies may leave.</summary>
    public RaftOutput? TryFinishWrite(long now)
    {
        if (!IsUp || writing is not { } done || now < writtenAt || now < PausedUntil) return null;
        writing = null;
        Disk.Write(done);
        if (done.Append.Count > 0)
            Inbox.Add(new EntriesPersisted(done.Append[^1].Index, done.Append[^1].Term));
        return done;
    }
}

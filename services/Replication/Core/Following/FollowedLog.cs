using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Everything that a replica has of one log: the machine, and how far and with whose help it follows. When
/// the log is replaced all of it goes at once, so nothing of the old one can leak into the next.
/// </summary>
internal sealed class FollowedLog<TEffect>
{
    public FollowedLog(ReplicaOptions options, IStateMachine<TEffect> machine)
    {
        Machine = machine;
        Leader = new LeaderKnowledge(options.Group);
        CatchUp = new CatchUp(options, Leader, Entries);
        Ticks = new TickSchedule(options);
        Snapshots = new SnapshotSchedule(options);
        Reports = new StateReports(options);
        Proposals = new RecordProposals(options);
    }

    /// <summary>The log's name; empty until a node told it.</summary>
    public string Id { get; set; } = "";

    public IStateMachine<TEffect> Machine { get; }

    public LeaderKnowledge Leader { get; }

    public ApplyQueue Entries { get; } = new();

    public CatchUp CatchUp { get; }

    public TickSchedule Ticks { get; }

    public SnapshotSchedule Snapshots { get; }

    /// <summary>What the replicas know of each other, as of the applied entry.</summary>
    public GroupRecord Record { get; set; } = new();

    public StateReports Reports { get; }

    public RecordProposals Proposals { get; }

    /// <summary>Set while the replica is halted at the next entry.</summary>
    public LookAhead? Ahead { get; set; }

    /// <summary>Everything: what snapshots hold and digests are of.</summary>
    public byte[] TakeImage() => StateImage.Write(Record, Machine.TakeSnapshot());

    /// <exception cref="FormatException">Not of a form that this build knows.</exception>
    public void Restore(GroupSnapshot snapshot)
    {
        var image = SnapshotEnvelope.Read(snapshot.Payload);
        Record = StateImage.Read(image, out var machine);
        Machine.Restore(machine);
        Reports.Restored(image.Length, Record);
        Snapshots.Restored(snapshot.Index);
        Entries.JumpTo(snapshot.Index);
    }

    /// <summary>
    /// A request names the log that it is about, or the node of another one would do it, and its form.
    /// </summary>
    public ReplicaSend Name(ReplicaSend send) => send with
    {
        Message = send.Message switch
        {
            ProposeEntries message => message with { LogId = Id, Protocol = ConsensusProtocol.Spoken },
            ReadIndex message => message with { LogId = Id, Protocol = ConsensusProtocol.Spoken },
            ReadEntries message => message with { LogId = Id, Protocol = ConsensusProtocol.Spoken },
            ReadSnapshot message => message with { LogId = Id, Protocol = ConsensusProtocol.Spoken },
            StoreSnapshot message => message with { LogId = Id, Protocol = ConsensusProtocol.Spoken },
            DescribeGroup message => message with { Protocol = ConsensusProtocol.Spoken },
            var message => message,
        },
    };
}

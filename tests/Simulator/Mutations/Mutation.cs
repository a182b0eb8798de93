using System.Diagnostics;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Lock.Machine;
using Muster.Recovery.Machine;
using Muster.Registry.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// A deliberate fault of the code under test, put between it and the simulated world, so that the cores carry
/// no switch for it. This one changes nothing; each mutation overrides what it breaks. It shows that the
/// checks see what they are there for.
/// </summary>
internal class Mutation
{
    public static Mutation None { get; } = new();

    /// <summary>What a breach of Raft's rules may show as, by chance the one or the other.</summary>
    protected static IReadOnlyList<string> OfRaft { get; } =
    [
        "election safety", "log matching", "leader completeness", "state machine safety", "durability",
        "commit index", "invariant", "replica stopped",
    ];

    public virtual string Name => "none";

    /// <summary>What the mutant breaks, for people.</summary>
    public virtual string Breaks => "nothing";

    /// <summary>
    /// The properties that tell of it: what fails beside them, or before, does not count as its being found.
    /// </summary>
    public virtual IReadOnlyList<string> FoundBy => [];

    /// <summary>The owner of the outbox tells the log before the broker has confirmed.</summary>
    public virtual bool ReportsUnconfirmed => false;

    /// <summary>A grant is handed to its caller without a look at the lease.</summary>
    public virtual bool HandsOutUnchecked => false;

    /// <summary>Virtual time by which a client's timers are late; other inputs wait for nothing.</summary>
    public virtual long TimerDelay => 0;

    /// <summary>A registry's replica reads its machine without a read index.</summary>
    public virtual bool ReadsAtOnce => false;

    /// <summary>A recovery's executor reports a fence that it did not ask for.</summary>
    public virtual bool FencesUnasked => false;

    /// <summary>It asks, and reports no token of the answer's.</summary>
    public virtual bool FencesWithoutToken => false;

    /// <summary>A disk that was emptied counts like the one that was lost.</summary>
    public virtual bool KnowsNodesByName => false;

    /// <summary>Two processes that run from copies of one folder are told by nobody from one.</summary>
    public virtual bool HearsEveryProcess => false;

    /// <summary>A run may get more of the faults without which the mutant does no harm.</summary>
    public virtual FaultPlan OnPlan(FaultPlan plan) => plan;

    public virtual PeerMessage OnPeer(IRaftNode node, PeerMessage message) => message;

    public virtual ConnectionLost OnHint(IRaftNode node, ConnectionLost hint) => hint;

    /// <summary>What a step gives, before anybody sees it.</summary>
    public virtual RaftOutput OnStep(IRaftNode node, RaftOutput output) => output;

    /// <summary>What of a step reaches the disk.</summary>
    public virtual RaftOutput OnWrite(IRaftNode node, RaftOutput output) => output;

    /// <summary>
    /// Before it takes a message a node forgets all that follows this index, on its disk too; null: nothing.
    /// </summary>
    public virtual LogIndex? ForgetsAfter(IRaftNode node, PeerMessage message) => null;

    /// <summary>In a scenario: what the core hears of a write that is done.</summary>
    public virtual EntriesPersisted OnPersisted(IRaftNode node, EntriesPersisted report) => report;

    /// <summary>In a scenario: what a node sends while its write does not end.</summary>
    public virtual IReadOnlyList<PeerMessage> WhileWriting(IRaftNode node) => [];

    /// <summary>What a node starts from.</summary>
    public virtual RestoredGroup OnRestore(RestoredGroup restored) => restored;

    /// <summary>The write has begun; its messages may leave only when it is done.</summary>
    public virtual void OnWriteBegun(IRaftNode node, RaftOutput output, Action sendAll)
    {
    }

    /// <summary>What a leader tells the replicas.</summary>
    public virtual RaftOutput OnPublish(IRaftNode node, RaftOutput output) => output;

    /// <summary>An answer that the node gives without asking its core.</summary>
    public virtual object? OnRequest(IRaftNode node, object request) => null;

    /// <summary>What a node is asked, on its way to the core.</summary>
    public virtual object OnOffered(object request) => request;

    public virtual HeartbeatAnswered OnRenewed(HeartbeatAnswered answer, long newestSent) => answer;

    /// <summary>A node may be stopped after its look at the clock, before it takes its inputs.</summary>
    public virtual bool ReadsClockFirst => false;

    /// <summary>The clock of a node runs off by so many parts per million.</summary>
    public virtual long NodeClockError => 0;

    /// <summary>What the registry's machine makes of an entry.</summary>
    public virtual IReadOnlyList<RegistryEffect> OnRegistryEntry(
        RegistryMachine machine, AppliedEntry entry) => machine.Apply(entry);

    public virtual IReadOnlyList<DetectorEffect> OnDetectorEntry(
        DetectorMachine machine, AppliedEntry entry) => machine.Apply(entry);

    public virtual IReadOnlyList<RecoveryEffect> OnRecoveryEntry(
        RecoveryMachine machine, AppliedEntry entry) => machine.Apply(entry);

    /// <summary>Null: the machine as it is.</summary>
    public virtual MachineMutation? NewMachineMutation() => null;

    /// <summary>Whether an exception came out of a mutation's own code, or of what it called.</summary>
    public static bool Threw(Exception exception) => new StackTrace(exception).GetFrames()
        .Any(frame => IsOfMutant(frame.GetMethod()?.DeclaringType));

    private static bool IsOfMutant(Type? type) => type is not null
        && (type.IsSubclassOf(typeof(Mutation)) || type.IsSubclassOf(typeof(MachineMutation))
            || IsOfMutant(type.DeclaringType));
}

/// <summary>Stands before one machine.</summary>
internal class MachineMutation
{
    public virtual IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry) =>
        machine.Apply(entry);

    public virtual byte[] OnSnapshot(byte[] snapshot) => snapshot;
}

using System.Globalization;
using Muster.Contracts;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>One simulated world, made from a seed: its time, bus, processes, faults and checks.</summary>
internal sealed class Simulation
{
    private const long FirstSecond = 1_767_225_600;

    private int _clocks;
    private int _disks;
    private int _twins;

    public Simulation(ulong seed, Mutation mutation, Action<string>? print = null)
    {
        Mutation = mutation;
        Chance = new Chance(seed);
        // A mutant is looked for in the runs in which it does harm.
        var isMutated = mutation.Name != Mutation.None.Name;
        Plan = mutation.OnPlan(FaultPlan.Draw(Chance.Split("plan"), isMutated));
        Trace = new Trace(Scheduler, print);
        Network = new Network(Scheduler, Chance.Split("network"), Counts) { Weather = Plan.Weather };
        Checks = new RunChecks(this);
        Broker = new Broker(Scheduler, Network, Chance.Split("broker"), Trace, Counts)
        {
            Hints = Plan.Hints,
            Limits = Plan.Queues,
            OnEvent = Checks.OnPublished,
        };
        Nodes = [.. NewNodes()];
        Founders = [.. Nodes.Take(Plan.Nodes)];
        Locks = [.. Enumerable.Range(1, Plan.Replicas).Select(NewLockReplica)];
        Registries = Has(NodeSettings.Registry)
            ? [.. Enumerable.Range(1, Plan.Replicas).Select(NewRegistryReplica)]
            : [];
        Detectors = Has(NodeSettings.Detector) ? [.. DetectorReplica.Instances.Select(NewDetector)] : [];
        Recoveries = Has(NodeSettings.Recovery)
            ? [.. Enumerable.Range(1, Plan.Replicas).Select(NewRecoveryReplica)]
            : [];
        ReplicaProcesses = [.. Locks, .. Registries, .. Detectors, .. Recoveries];
        Replicas = [.. ReplicaProcesses.Cast<IReplica>()];
        Clients = [.. Plan.Clients.Select((settings, number) =>
            new ClientProcess(Named("c", number + 1), settings, this, NewClock(Plan.ClockError)))];
        Processes = [.. Nodes, .. ReplicaProcesses, .. Clients];
        Faults = new FaultInjector(this);
        if (Plan.ClockError > 0) Counts.Count(Happening.ClockRates);
    }

    public Scheduler Scheduler { get; } = new();

    public Chance Chance { get; }

    public FaultPlan Plan { get; }

    public Mutation Mutation { get; }

    public Trace Trace { get; }

    public HappeningCounts Counts { get; } = new();

    public Network Network { get; }

    public Broker Broker { get; }

    public RunChecks Checks { get; }

    public FaultInjector Faults { get; }

    public IReadOnlyList<ConsensusProcess> Nodes { get; }

    public IReadOnlyList<ConsensusProcess> Founders { get; }

    public IReadOnlyList<LockReplica> Locks { get; }

    public IReadOnlyList<RegistryReplica> Registries { get; }

    public IReadOnlyList<DetectorReplica> Detectors { get; }

    public IReadOnlyList<RecoveryReplica> Recoveries { get; }

    public IReadOnlyList<IReplica> Replicas { get; }

    /// <summary>The same, as processes.</summary>
    public IReadOnlyList<SimulatedProcess> ReplicaProcesses { get; }

    public IReadOnlyList<ClientProcess> Clients { get; }

    public IReadOnlyList<SimulatedProcess> Processes { get; }

    /// <summary>
    /// No faults any more: holders are quick, so that everybody's turn comes within the bound.
    /// </summary>
    public bool IsHealed { get; set; }

    /// <summary>Histories that were too hard to decide in the time.</summary>
    public int Undecided { get; set; }

    /// <summary>What a check found where an exception does not reach the run.</summary>
    public SimulationFailure? Found { get; set; }

    public bool HasLeaders => Plan.Groups.All(
        group => Nodes.Any(node => node.Of(group).IsLeader));

    /// <summary>
    /// A check that runs inside a machine, whose replica takes any exception for the machine's own.
    /// </summary>
    public void Check(Action check)
    {
        try
        {
            check();
        }
        catch (SimulationFailure found)
        {
            Found ??= found;
            throw;
        }
    }

    /// <summary>
    /// What stands before a machine: out of a mutant's an exception is the mutant's own, which shows nothing.
    /// </summary>
    public Func<AppliedEntry, IReadOnlyList<TEffect>> Guarded<TEffect>(
        Func<AppliedEntry, IReadOnlyList<TEffect>> apply) => entry =>
        {
            try
            {
                return apply(entry);
            }
            catch (Exception broken) when (IsOfMutant(broken))
            {
                throw;
            }
        };

    /// <summary>The same of what reads a snapshot, which a mutant may have written.</summary>
    public Action<byte[]> Guarded(Action<byte[]> restore) => snapshot =>
    {
        try
        {
            restore(snapshot);
        }
        catch (Exception broken) when (IsOfMutant(broken))
        {
            throw;
        }
    };

    /// <summary>What a replica would found the group with, by its own clock.</summary>
    public Genesis NewGenesis(ProcessClock clock) => new()
    {
        Group = NodeSettings.Lock,
        ClusterId = "sim",
        Epoch = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        TokenFloor = (FirstSecond + (Scheduler.Now / Scheduler.Second)) << 20,
        CommandWindowMilliseconds = Plan.CommandWindow,
    };

    /// <summary>
    /// Those whose log the group's leader keeps like its own; all, while nobody leads. Not who stays away.
    /// </summary>
    public IEnumerable<ConsensusProcess> MembersOf(string group)
    {
        var leader = LeaderOf(group);
        return Nodes.Where(node => !node.IsAway
            && (leader is null || leader.Of(group).Core.MemberOf(node.Id) is { } member
                && (member.DiskId.Length == 0 || member.DiskId == node.Folder.DiskId)));
    }

    /// <summary>Who leads a group, or was the last to lead it and does not know yet.</summary>
    public ConsensusProcess? LeaderOf(string group) =>
        Nodes.Where(node => node.Of(group).IsLeader).MaxBy(node => node.Of(group).Core.Term);

    /// <summary>An empty folder of a node, by its founders or, without any, to be added.</summary>
    public SimulatedFolder NewFolder(NodeId node, IReadOnlyList<NodeId> founders) =>
        new(node, string.Create(CultureInfo.InvariantCulture, $"{++_disks:x12}7{_disks:x19}"), founders);

    /// <summary>Another process that goes by a node's name.</summary>
    public ConsensusProcess NewTwin(ConsensusProcess of, SimulatedFolder folder) => new(
        of.Settings, this, NewClock(Plan.ClockError, Mutation.NodeClockError), folder,
        Named(".twin", ++_twins));

    private bool IsOfMutant(Exception broken)
    {
        var isMutated = Mutation.Name != Mutation.None.Name;
        if (isMutated) Found ??= new SimulationFailure(SimulationFailure.OfMutant, broken.ToString());
        return isMutated;
    }

    private IEnumerable<ConsensusProcess> NewNodes()
    {
        NodeId[] all = [.. Enumerable.Range(1, Plan.Nodes + Plan.Newcomers)
            .Select(number => new NodeId(Named("n", number)))];
        foreach (var node in all)
        {
            var founders = all[..Plan.Nodes];
            var settings = new NodeSettings
            {
                Id = node,
                Peers = all,
                Raft = Plan.Raft,
                LongestWrite = Plan.LongestWrite,
            };
            yield return new ConsensusProcess(
                settings, this, NewClock(Plan.ClockError, Mutation.NodeClockError),
                NewFolder(node, founders.Contains(node) ? founders : []));
        }
    }

    private LockReplica NewLockReplica(int number) => new(
        Named("r", number), OptionsOf(NodeSettings.Lock), this, NewClock(Plan.ClockError));

    private RegistryReplica NewRegistryReplica(int number) => new(
        Named("g", number), OptionsOf(NodeSettings.Registry), this, NewClock(Plan.ClockError));

    private DetectorReplica NewDetector(string name) => new(
        name, OptionsOf(NodeSettings.Detector), this, NewClock(Plan.ClockError));

    private RecoveryReplica NewRecoveryReplica(int number) => new(
        Named("v", number), OptionsOf(NodeSettings.Recovery), this, NewClock(Plan.ClockError));

    private bool Has(string group) => Plan.Groups.Contains(group);

    private ReplicaOptions OptionsOf(string group) => new()
    {
        Group = group,
        Origin = "replaced at each start",
        CommandTimeout = Plan.CommandTimeout,
        SnapshotEveryEntries = Plan.SnapshotEvery,
    };

    private ProcessClock NewClock(long worst, long error = 0)
    {
        var chance = Chance.Split(Named("clock", ++_clocks));
        return new ProcessClock(
            Scheduler, chance.Below(1_000 * Scheduler.Second), chance.Between(-worst, worst) + error);
    }

    private static string Named(string what, int number) =>
        what + number.ToString(CultureInfo.InvariantCulture);
}

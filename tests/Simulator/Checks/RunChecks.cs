using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using Muster.Detector.Machine;
using Muster.Lock.Machine;
using Muster.Recovery.Machine;
using Muster.Registry.Machine;

namespace Muster.Simulator;

/// <summary>All checks of a run.</summary>
internal sealed class RunChecks
{
    private readonly SortedDictionary<string, RaftChecks> _raft;

    public RunChecks(Simulation world)
    {
        _raft = new(
            NodeSettings.Groups.ToDictionary(group => group, _ => new RaftChecks(world.Scheduler)),
            StringComparer.Ordinal);
        Locks = new LockChecks(world);
        History = new HistoryChecks(world);
        LockHistory = new LockHistory(world);
        Registry = new RegistryChecks(world);
        LockReplicas = new(world, Raft, Locks.OnApplied) { Text = LockText.Of };
        RegistryReplicas = new(world, RaftOf(NodeSettings.Registry), Registry.OnApplied)
        {
            Text = RegistryText.Of,
        };
        DetectorReplicas = new(world, RaftOf(NodeSettings.Detector), Detectors.OnApplied)
        {
            Text = DetectorText.Of,
        };
        Recovery = new RecoveryChecks(world);
        RecoveryReplicas = new(world, RaftOf(NodeSettings.Recovery), Recovery.OnApplied)
        {
            Text = RecoveryText.Of,
        };
    }

    /// <summary>Of the lock service's log.</summary>
    public RaftChecks Raft => RaftOf(NodeSettings.Lock);

    public ReplicaChecks<LockEffect> LockReplicas { get; }

    public LockChecks Locks { get; }

    public HistoryChecks History { get; }

    public LockHistory LockHistory { get; }

    public EventChecks Events { get; } = new();

    public ReplicaChecks<RegistryEffect> RegistryReplicas { get; }

    public RegistryChecks Registry { get; }

    public EventChecks RegistryEvents { get; } = new();

    public ReplicaChecks<DetectorEffect> DetectorReplicas { get; }

    public DetectorChecks Detectors { get; } = new();

    public EventChecks DetectorEvents { get; } = new();

    public ReplicaChecks<RecoveryEffect> RecoveryReplicas { get; }

    public RecoveryChecks Recovery { get; }

    public EventChecks RecoveryEvents { get; } = new();

    public RaftChecks RaftOf(string group) => _raft[group];

    /// <summary>The broker has taken it.</summary>
    public void OnPublished(object body)
    {
        var stream = body switch
        {
            RegistryEvent => RegistryEvents,
            DetectorEvent => DetectorEvents,
            RecoveryEvent => RecoveryEvents,
            _ => Events,
        };
        stream.OnPublished(body);
    }
}

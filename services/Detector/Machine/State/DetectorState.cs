using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>All that a detector group knows.</summary>
internal sealed class DetectorState
{
    /// <summary>Epochs stay exact in JSON readers that know doubles only.</summary>
    public const long LargestNumber = 1L << 53;

    public required MachineClock Clock { get; init; }

    public Genesis? Genesis { get; set; }

    /// <summary>The group's life: above that of every life before.</summary>
    public long Epoch { get; set; } = 1;

    public LogIndex LastIndex { get; set; }

    public NodeTable Nodes { get; } = new();

    /// <summary>When old records were last looked for, in log time.</summary>
    public long SweptTime { get; set; }

    public RestorationWindow Restorations { get; init; } = new();

    public Outbox<DetectorEvent, DetectorUnknown> Outbox { get; } = new();

    public EventRing<DetectorEvent> Events { get; } = new();

    public DetectorLimits Limits => Genesis?.Limits ?? DetectorLimits.Default;

    public Freshness Freshness => new()
    {
        ClusterId = Genesis?.ClusterId ?? "",
        Epoch = Epoch,
        Index = LastIndex,
        Mode = ReadMode.Linearizable,
    };
}

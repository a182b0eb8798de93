using Muster.Serving;

namespace Muster.Detector;

/// <summary>How a silence is measured.</summary>
public enum SuspicionMethod
{
    /// <summary>Phi accrual: by what was measured of the node's heartbeats.</summary>
    Phi,

    /// <summary>A plain timeout, <see cref="DetectorOptions.SuspectAfter"/>.</summary>
    Timeout,
}

/// <summary>
/// Section <c>Detector</c> (environment <c>Detector__Instance</c>, <c>Detector__Instances__0</c> and so on):
/// one detector of the group <c>detector</c>. Silences count only while the detector hears its own
/// heartbeats come back over the bus.
/// </summary>
public sealed record DetectorOptions : ReplicaServiceOptions
{
    public const string Section = "Detector";

    public DetectorOptions() => Group = "detector";

    /// <summary>
    /// This detector's name in votes, one of <see cref="Instances"/>. Default: the machine's.
    /// </summary>
    public string Instance
    {
        get => Replica;
        set => Replica = value;
    }

    /// <summary>
    /// All detectors, of which a majority gives a node up. Fixed in the log by the first to start: one that
    /// is configured with another list ends at its start. 1 to 15; two can lose none, three can lose one.
    /// </summary>
    public IList<string> Instances { get; set; } = [];

    /// <summary>Default <see cref="SuspicionMethod.Phi"/>.</summary>
    public SuspicionMethod Method { get; set; }

    /// <summary>
    /// A node is suspected at this phi: wrongly once in ten to the power of it. Lower is faster and
    /// errs more often. 1 to 300; default 8.
    /// </summary>
    public double Threshold { get; set; } = 8;

    /// <summary>
    /// A silent node is given up at this phi, if <see cref="FailAfter"/> has passed too. Default 12.
    /// </summary>
    public double FailureThreshold { get; set; } = 12;

    /// <summary>
    /// A node is not given up for its silence alone before it lasted so long. Shorter fails over sooner and
    /// takes more pauses for deaths. Default 10 s.
    /// </summary>
    public TimeSpan FailAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The timeout of <see cref="SuspicionMethod.Timeout"/>. Default 5 s.</summary>
    public TimeSpan SuspectAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What a garbage collection or lost heartbeats may take beyond the usual interval. Later than that is
    /// slow. Default 3 s.
    /// </summary>
    public TimeSpan AcceptablePause { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The least deviation that phi counts with: smaller suspects a very regular node for the first hiccup.
    /// 1 ms to 1 min; default 100 ms.
    /// </summary>
    public TimeSpan MinimumDeviation { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Intervals measured for each node. 10 to 10,000; default 1,000.</summary>
    public int WindowSize { get; set; } = 1_000;

    /// <summary>Of this detector's own heartbeats, by which it hears itself. Default 200 ms.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long a node whose connection the broker closed may take to come back under a new one before it
    /// counts as gone. It must also miss two heartbeats. Default 300 ms.
    /// </summary>
    public TimeSpan ReconnectGrace { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// For so long after this detector's own connection was lost, or those of three nodes were closed within
    /// a second, and while those of most of three or more nodes were closed within so long, a closed
    /// connection proves nothing yet: the broker lets go of everybody, one after the other. Who is still
    /// silent then, or is for <see cref="FailAfter"/>, counts as gone. 0 to 1 min, 0 turns the care off;
    /// default 5 s.
    /// </summary>
    public TimeSpan Unrest { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// When most of three or more nodes fall silent within one interval, while this detector still hears
    /// itself, the bus is likelier to be at fault than all of them: closed connections then prove nothing,
    /// and <see cref="FailAfter"/> counts so many times. 1 to 100; 1 turns the care off; default 2.
    /// </summary>
    public int MassSilenceFactor { get; set; } = 2;

    /// <summary>
    /// Nodes that are judged at a time; of more the health and the log tell. The group's own log has places
    /// for 10,000. 1 to 100,000; default 20,000.
    /// </summary>
    public int MaxNodes { get; set; } = 20_000;

    public static IEnumerable<string> Problems(DetectorOptions options) =>
        Problems(options, Section)
            .Concat(InstanceProblems(options)).Concat(RangeProblems(options)).Concat(CrossProblems(options));

    private static IEnumerable<string> InstanceProblems(DetectorOptions options)
    {
        var all = string.Join(", ", options.Instances);
        if (!options.Instances.Contains(options.Instance))
        {
            yield return $"{Section}:Instance is '{options.Instance}', which {Section}:Instances "
                + $"'{all}' does not name.";
        }
        if (options.Instances.Count > Machine.DetectorLimits.MostDetectors
            || options.Instances.Distinct(StringComparer.Ordinal).Count() != options.Instances.Count)
        {
            yield return $"{Section}:Instances is '{all}': "
                + $"1 to {Machine.DetectorLimits.MostDetectors}, each once.";
        }
    }

    private static IEnumerable<string> RangeProblems(DetectorOptions options)
    {
        if (!(options.Threshold is >= 1 and <= 300))
        {
            yield return $"{Section}:Threshold is {options.Threshold}: 1 to 300.";
        }
        foreach (var (name, value, least, most) in new[]
        {
            ("FailAfter", options.FailAfter, 100, 3_600_000),
            ("SuspectAfter", options.SuspectAfter, 50, 3_600_000),
            ("AcceptablePause", options.AcceptablePause, 0, 600_000),
            ("MinimumDeviation", options.MinimumDeviation, 1, 60_000),
            ("HeartbeatInterval", options.HeartbeatInterval, 20, 10_000),
            ("ReconnectGrace", options.ReconnectGrace, 0, 60_000),
            ("Unrest", options.Unrest, 0, 60_000),
        })
        {
            if (value.TotalMilliseconds < least || value.TotalMilliseconds > most)
            {
                yield return $"{Section}:{name} is {value}: {least} ms to {most} ms.";
            }
        }
        foreach (var (name, value, least, most) in new[]
        {
            ("WindowSize", options.WindowSize, 10, 10_000),
            ("MassSilenceFactor", options.MassSilenceFactor, 1, 100),
            ("MaxNodes", options.MaxNodes, 1, 100_000),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{Section}:{name} is {value}: {least} to {most}.";
            }
        }
    }

    private static IEnumerable<string> CrossProblems(DetectorOptions options)
    {
        if (!(options.FailureThreshold >= options.Threshold))
        {
            yield return $"{Section}:FailureThreshold {options.FailureThreshold} is below "
                + $"{Section}:Threshold {options.Threshold}: a node would fail before it is suspected.";
        }
        if (options.FailAfter < options.AcceptablePause)
        {
            yield return $"{Section}:FailAfter {options.FailAfter} is shorter than "
                + $"{Section}:AcceptablePause {options.AcceptablePause}: an acceptable pause would be fatal.";
        }
        if (options.FailAfter < options.HeartbeatInterval * 3)
        {
            yield return $"{Section}:FailAfter {options.FailAfter} is shorter than three of "
                + $"{Section}:HeartbeatInterval {options.HeartbeatInterval}, "
                + "the smallest time that a detector tells apart.";
        }
        if (options.ReconnectGrace > options.FailAfter)
        {
            yield return $"{Section}:ReconnectGrace {options.ReconnectGrace} is longer than "
                + $"{Section}:FailAfter {options.FailAfter}: evidence would count after silence does.";
        }
    }
}

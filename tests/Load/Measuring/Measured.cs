namespace Muster.Load.Measuring;

/// <summary>One window's numbers; times in milliseconds, null when nothing was done.</summary>
internal sealed record Measured
{
    public required double Seconds { get; init; }

    public required long Count { get; init; }

    public required double PerSecond { get; init; }

    public required double? P50 { get; init; }

    public required double? P99 { get; init; }

    public required double? P999 { get; init; }

    public long Refused { get; init; }

    /// <summary>Not answered in time: done or not.</summary>
    public long Unknown { get; init; }

    public string? FirstProblem { get; init; }

    public required Cores Cores { get; init; }
}

/// <summary>
/// Processor cores used in a window. Null where the system has no /proc. The rest is the machine's: the
/// broker, when it runs here, and everything that disturbs.
/// </summary>
internal sealed record Cores(double Tool, double? Services, double? Rest);

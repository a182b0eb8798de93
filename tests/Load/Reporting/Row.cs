using Muster.Load.Floors;
using Muster.Load.Measuring;

namespace Muster.Load.Reporting;

/// <summary>One measured window.</summary>
internal sealed record Row
{
    /// <summary>The command that measured it, or <c>floors</c>.</summary>
    public required string Section { get; init; }

    public required string Name { get; init; }

    /// <summary>Operations outstanding at a time; null when they came at a rate.</summary>
    public int? InFlight { get; init; }

    /// <summary>Operations that were to come, a second, whatever happened to those before.</summary>
    public double? OfferedPerSecond { get; init; }

    public required Measured Measured { get; init; }

    /// <summary>Which floor this row measured.</summary>
    public FloorId? Floor { get; init; }

    public IReadOnlyList<Comparison> Against { get; init; } = [];
}

internal enum Measure
{
    /// <summary>Median times: how many of the floor's fit into one of these.</summary>
    P50,

    /// <summary>Rates: how many of these for one of the floor's.</summary>
    Rate,
}

/// <summary>What a row is divided by.</summary>
internal sealed record Comparison(FloorId Floor, Measure Measure)
{
    /// <summary>One at a time: latency against the round trips it is made of.</summary>
    public static readonly IReadOnlyList<Comparison> OneAtATime =
        [new(FloorId.Broker1, Measure.P50), new(FloorId.MassTransit1, Measure.P50)];

    /// <summary>Many at a time: rate against what the broker carries.</summary>
    public static readonly IReadOnlyList<Comparison> ManyAtATime =
        [new(FloorId.Broker64, Measure.Rate), new(FloorId.MassTransit64, Measure.Rate)];

    /// <summary>Answered by Redis, and compared with its own plain read.</summary>
    public static IReadOnlyList<Comparison> ForRedis(int inFlight) => inFlight == 1
        ? [new(FloorId.RedisGet1, Measure.P50)]
        : [new(FloorId.RedisGet64, Measure.Rate)];

    public static IReadOnlyList<Comparison> For(int inFlight) => inFlight == 1 ? OneAtATime : ManyAtATime;
}

/// <summary>Repeated times from a fault to the next success, in milliseconds.</summary>
internal sealed record FaultTimes(string Name, IReadOnlyList<double> Milliseconds)
{
    public double Least => Milliseconds.Min();

    public double Greatest => Milliseconds.Max();

    public double Median
    {
        get
        {
            var sorted = Milliseconds.Order().ToList();
            return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }
}

using System.Diagnostics.Metrics;

namespace Muster.Serving;

/// <summary>Counts commands as they are answered; costs a check while nobody collects.</summary>
internal static class CommandMeter
{
    private static readonly Meter Meter = new("Muster.Serving");

    public static Counter<long> Applied { get; } = Meter.CreateCounter<long>(
        "muster.commands.applied", "{command}", "Commands that this replica took, saw applied and answered.");
}

using Muster.Hosting;

namespace Muster.Serving;

/// <summary>What holds for the batches of every service.</summary>
public static class Batches
{
    /// <summary>
    /// A client sends an unanswered command again, so an old batch is worth nothing; but it may still be
    /// taken, with the ids of commands that were done long since.
    /// </summary>
    public static TimeSpan Life { get; } = AddMusterEndpointsExtensions.CommandLife;
}

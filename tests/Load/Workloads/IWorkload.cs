using System.CommandLine;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;
using Muster.Load.Stage;

namespace Muster.Load.Workloads;

/// <summary>One command of the tool: what it measures, and the options that only it has.</summary>
internal interface IWorkload
{
    string Name { get; }

    string Description { get; }

    IReadOnlyList<Option> Options { get; }

    /// <summary>Its rows are compared with floors, which are then measured around it.</summary>
    bool StandsOnFloors { get; }

    /// <summary>It kills processes, which a cluster of others must not suffer.</summary>
    bool NeedsOwnCluster { get; }

    /// <summary>
    /// It resolves services: the registry runs beside the locks, and Redis, if there is one.
    /// </summary>
    bool NeedsRegistry { get; }

    /// <summary>Detectors run beside the locks, and what they see counts.</summary>
    bool NeedsDetectors => false;

    /// <summary>Measures, and adds its rows to the report.</summary>
    Task RunAsync(LoadContext context, CancellationToken cancellationToken);
}

/// <summary>What a workload works with.</summary>
internal sealed record LoadContext
{
    public required LoadBroker Broker { get; init; }

    public required LoadRedis Redis { get; init; }

    public required LoadCluster Cluster { get; init; }

    public required ClusterView View { get; init; }

    public required Meter Meter { get; init; }

    public required Report Report { get; init; }

    public required IProgressLine Progress { get; init; }

    /// <summary>Of one row.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The command line, for the workload's own options.</summary>
    public required ParseResult Arguments { get; init; }
}

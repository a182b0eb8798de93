using Muster.Serving;

namespace Muster.Registry;

/// <summary>
/// Section <c>Registry</c> (environment <c>Registry__Replica</c> and so on): one replica of the registry. The
/// group is <c>registry</c> by default.
/// </summary>
public sealed record RegistryServiceOptions : ReplicaServiceOptions
{
    public const string Section = "Registry";

    public RegistryServiceOptions() => Group = "registry";

    /// <summary>
    /// A cached view that nobody confirmed for so long is forgotten. Low: a short loss of all replicas sends
    /// every client to the bus; high: views of services long gone stay. 5 s to 1 h; default 60 s.
    /// </summary>
    public TimeSpan ViewTtl { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Every cached view is confirmed as often, so a view that nothing changes is no older. Low: load on
    /// Redis, with each replica writing all views; high: older views. 100 ms to a third of ViewTtl; default
    /// 5 s.
    /// </summary>
    public TimeSpan ViewRefresh { get; set; } = TimeSpan.FromSeconds(5);

    public static IEnumerable<string> Problems(RegistryServiceOptions options)
    {
        foreach (var problem in Problems(options, Section))
        {
            yield return problem;
        }
        if (options.ViewTtl < TimeSpan.FromSeconds(5) || options.ViewTtl > TimeSpan.FromHours(1))
        {
            yield return $"{Section}:ViewTtl is {options.ViewTtl}: 5 s to 1 h.";
        }
        if (options.ViewRefresh < TimeSpan.FromMilliseconds(100) || options.ViewRefresh > options.ViewTtl / 3)
        {
            yield return $"{Section}:ViewRefresh is {options.ViewRefresh}: 100 ms to a third of "
                + $"{Section}:ViewTtl {options.ViewTtl}.";
        }
    }
}

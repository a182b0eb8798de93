using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>Where a resolved view came from.</summary>
public enum ResolveSource
{
    /// <summary>This process's copy.</summary>
    Local,

    /// <summary>The cache in Redis (or the embedded host's memory).</summary>
    Redis,

    /// <summary>A registry replica.</summary>
    Bus,

    /// <summary>
    /// The last that is known, older than asked for: see <see cref="ResolvedService.Age"/>.
    /// </summary>
    Stale,
}

/// <summary>The instances of a service, as of a version, and how old that knowledge is.</summary>
public sealed class ResolvedService
{
    internal ResolvedService(ServiceView view, ResolveSource source, TimeSpan age) =>
        (View, Source, Age) = (view, source, age);

    /// <summary>The service's name.</summary>
    public string Service => View.Service;

    /// <summary>In the order of their ids; draining ones included.</summary>
    public IReadOnlyList<ServiceInstance> Instances => View.Instances;

    /// <summary>Where it came from.</summary>
    public ResolveSource Source { get; }

    /// <summary>Raised by a restore of the registry; views compare by (epoch, index).</summary>
    public long Epoch => View.Epoch;

    /// <summary>The log index of the service's last change.</summary>
    public LogIndex Index => View.Index;

    /// <summary>How long ago the view was known to be current.</summary>
    public TimeSpan Age { get; }

    internal ServiceView View { get; }

    /// <summary>
    /// One instance at random by weight, of those that are not draining, or null when there is none.
    /// Instances of weight 0 are taken only when there are no others.
    /// </summary>
    /// <param name="zone">Only of this zone, if it has any; null: of all.</param>
    /// <param name="random">Default: <see cref="Random.Shared"/>.</param>
    public ServiceInstance? Pick(string? zone = null, Random? random = null)
    {
        var candidates = Instances.Where(instance => !instance.IsDraining).ToList();
        if (zone is not null && candidates.Exists(instance => instance.Zone == zone))
        {
            candidates.RemoveAll(instance => instance.Zone != zone);
        }
        if (candidates.Count == 0)
        {
            return null;
        }
        random ??= Random.Shared;
        var total = candidates.Sum(instance => (long)instance.Weight);
        if (total == 0)
        {
            return candidates[random.Next(candidates.Count)];
        }
        var point = random.NextInt64(total);
        return candidates.First(instance => (point -= instance.Weight) < 0);
    }
}

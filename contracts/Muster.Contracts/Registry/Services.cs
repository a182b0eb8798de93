namespace Muster.Contracts.Registry;

/// <summary>
/// The instances of a service. Answer: <see cref="ServiceResolved"/> (with no instances for a service nobody
/// registered), <see cref="RegistryRefused"/> or <see cref="RegistryUnknown"/>.
/// </summary>
public sealed record ResolveService
{
    public string CommandId { get; init; } = "";

    public string Service { get; init; } = "";

    /// <summary>
    /// Linearizable (default): with a round to a majority. Cached: the replica's copy, which says its age.
    /// </summary>
    public ReadMode Mode { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record ServiceResolved
{
    public string CommandId { get; init; } = "";

    public ServiceView View { get; init; } = new();

    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// A service's instances as of a version. Views of one service are ordered by (<see cref="Epoch"/>, <see
/// cref="Index"/>): the greater replaces the smaller, never the other way round.
/// </summary>
public sealed record ServiceView
{
    public string Service { get; init; } = "";

    public long Epoch { get; init; }

    /// <summary>
    /// The log index of the service's last change. Of a service without instances it may be that of
    /// another's: the registry remembers the newest change only of so many empty ones.
    /// </summary>
    public LogIndex Index { get; init; }

    /// <summary>In ordinal order of the instance ids, draining ones included.</summary>
    public IReadOnlyList<ServiceInstance> Instances { get; init; } = [];
}

/// <summary>
/// The services' names in ordinal order. Answer: <see cref="ServicesListed"/>, <see cref="RegistryRefused"/>
/// or <see cref="RegistryUnknown"/>.
/// </summary>
public sealed record ListServices
{
    public string CommandId { get; init; } = "";

    public string Prefix { get; init; } = "";

    /// <summary>Go on after this name; empty: from the first.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000; default 1,000.</summary>
    public int Limit { get; init; } = 1_000;

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record ServicesListed
{
    public string CommandId { get; init; } = "";

    public IReadOnlyList<ServiceSummary> Services { get; init; } = [];

    /// <summary>There are more after the last one.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The newest event's number, for a subscriber that starts from here.</summary>
    public long EventsHead { get; init; }

    public Freshness Freshness { get; init; } = new();
}

public sealed record ServiceSummary
{
    public string Service { get; init; } = "";

    public int Instances { get; init; }

    public int Draining { get; init; }

    /// <summary>The log index of its last change.</summary>
    public LogIndex Index { get; init; }
}

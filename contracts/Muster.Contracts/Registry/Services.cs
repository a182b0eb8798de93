namespace Muster.Contracts.Registry;

/// <summary>
/// The instances of a service. Answer: <see cref="ServiceResolved"/> (with no instances for a service nobody
/// registered), <see cref="RegistryRefused"/> or <see cref="RegistryUnknown"/>.
/// </summary>
public sealed record ResolveService
{
    /// <summary>
    /// Names the query in its answer; any text. Empty in a message of its own: that message's id counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>As in <see cref="RegisterInstance.Service"/>, else refused (InstanceInvalid).</summary>
    public string Service { get; init; } = "";

    /// <summary>
    /// Linearizable (default): with a round to a majority. Cached: the replica's copy, which says its age.
    /// </summary>
    public ReadMode Mode { get; init; }

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="ResolveService"/>.</summary>
public sealed record ServiceResolved
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The service's instances; none for a service that nobody registered.</summary>
    public ServiceView View { get; init; } = new();

    /// <inheritdoc cref="InstanceAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// A service's instances as of a version. Views of one service are ordered by (<see cref="Epoch"/>, <see
/// cref="Index"/>): the greater replaces the smaller, never the other way round.
/// </summary>
public sealed record ServiceView
{
    /// <summary>The service's name.</summary>
    public string Service { get; init; } = "";

    /// <summary>
    /// The group's epoch, see <see cref="Freshness.Epoch"/>: views of another one are of another life of the
    /// registry.
    /// </summary>
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
    /// <inheritdoc cref="ResolveService.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Only names that begin so, compared ordinally; empty (default): all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Go on after this name; empty: from the first.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000; default 1,000.</summary>
    public int Limit { get; init; } = 1_000;

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>One page of the answer to <see cref="ListServices"/>, read linearizably.</summary>
public sealed record ServicesListed
{
    /// <inheritdoc cref="ServiceResolved.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Those with an instance, by name in ordinal order; empty: there are none after that.</summary>
    public IReadOnlyList<ServiceSummary> Services { get; init; } = [];

    /// <summary>There are more after the last one.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The newest event's number, for a subscriber that starts from here.</summary>
    public long EventsHead { get; init; }

    /// <inheritdoc cref="InstanceAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One service in a list: how many instances it has.</summary>
public sealed record ServiceSummary
{
    /// <summary>The service's name.</summary>
    public string Service { get; init; } = "";

    /// <summary>All of them, draining ones included; 1 at least.</summary>
    public int Instances { get; init; }

    /// <summary>How many of them are draining.</summary>
    public int Draining { get; init; }

    /// <summary>The log index of its last change.</summary>
    public LogIndex Index { get; init; }
}

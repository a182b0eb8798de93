namespace Muster.Contracts.Registry;

/// <summary>An instance is new in the registry. Event.</summary>
public sealed record InstanceRegistered
{
    /// <summary>As it is after this entry.</summary>
    public ServiceInstance Instance { get; init; } = new();

    /// <summary>Its id and its place in the registry's stream; the same when it is published twice.</summary>
    public EventId Event { get; init; } = new();
}

/// <summary>An instance's address, attributes or draining changed. Event.</summary>
public sealed record InstanceChanged
{
    /// <summary>
    /// As it is after this entry, whole; also under another lease, when what it shows has changed.
    /// </summary>
    public ServiceInstance Instance { get; init; } = new();

    /// <inheritdoc cref="InstanceRegistered.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>An instance is gone. Event.</summary>
public sealed record InstanceRemoved
{
    /// <summary>The service that it was an instance of.</summary>
    public string Service { get; init; } = "";

    /// <summary>The instance's id in the service; it may be registered again.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary><c>Deregistered</c> or <c>LeaseExpired</c>.</summary>
    public string Cause { get; init; } = "";

    /// <inheritdoc cref="InstanceRegistered.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>A configuration key was written or deleted. Event.</summary>
public sealed record ConfigChanged
{
    /// <summary>The key that was written or deleted.</summary>
    public string Key { get; init; } = "";

    /// <summary>Null when it was deleted.</summary>
    public ConfigEntry? Entry { get; init; }

    /// <inheritdoc cref="InstanceRegistered.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>The head of the registry's event stream; see <c>LockEventsHead</c>.</summary>
public sealed record RegistryEventsHead
{
    /// <summary>The group whose stream it is: <c>registry</c> by default.</summary>
    public string Group { get; init; } = "";

    /// <summary>The group's epoch now.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>The newest event's number: who has not seen all up to it reads the rest.</summary>
    public long Number { get; init; }
}

/// <summary>
/// Catches up with the event stream from a number on. Answer: <see cref="RegistryEventsRead"/>, <see
/// cref="RegistryRefused"/> or <see cref="RegistryUnknown"/>.
/// </summary>
public sealed record ReadRegistryEvents
{
    /// <inheritdoc cref="ResolveService.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The first event number wanted, 1 (default) or more, else refused (QueryInvalid). Above the head
    /// nothing comes.
    /// </summary>
    public long FromNumber { get; init; } = 1;

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="ListServices"/> and <see cref="ListConfig"/>, and go on after <see cref="Head"/>.
/// </summary>
public sealed record RegistryEventsRead
{
    /// <inheritdoc cref="ServiceResolved.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegistryEventsHead.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The newest event's number; 0 before the first. While the last event here is below it, there are more
    /// to read.
    /// </summary>
    public long Head { get; init; }

    /// <summary>
    /// In order, without a gap from the asked number on; fewer than 1,000 when they fill 512 KiB.
    /// </summary>
    public IReadOnlyList<RegistryEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    /// <inheritdoc cref="InstanceAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record RegistryEvent
{
    /// <summary>A new instance.</summary>
    public InstanceRegistered? InstanceRegistered { get; init; }

    /// <summary>An instance that is another now.</summary>
    public InstanceChanged? InstanceChanged { get; init; }

    /// <summary>An instance that is gone.</summary>
    public InstanceRemoved? InstanceRemoved { get; init; }

    /// <summary>A key that was written or deleted.</summary>
    public ConfigChanged? ConfigChanged { get; init; }
}

namespace Muster.Contracts.Registry;

/// <summary>An instance is new in the registry. Event.</summary>
public sealed record InstanceRegistered
{
    public ServiceInstance Instance { get; init; } = new();

    public EventId Event { get; init; } = new();
}

/// <summary>An instance's address, attributes or draining changed. Event.</summary>
public sealed record InstanceChanged
{
    public ServiceInstance Instance { get; init; } = new();

    public EventId Event { get; init; } = new();
}

/// <summary>An instance is gone. Event.</summary>
public sealed record InstanceRemoved
{
    public string Service { get; init; } = "";

    public string InstanceId { get; init; } = "";

    /// <summary><c>Deregistered</c> or <c>LeaseExpired</c>.</summary>
    public string Cause { get; init; } = "";

    public EventId Event { get; init; } = new();
}

/// <summary>A configuration key was written or deleted. Event.</summary>
public sealed record ConfigChanged
{
    public string Key { get; init; } = "";

    /// <summary>Null when it was deleted.</summary>
    public ConfigEntry? Entry { get; init; }

    public EventId Event { get; init; } = new();
}

/// <summary>The head of the registry's event stream; see <c>LockEventsHead</c>.</summary>
public sealed record RegistryEventsHead
{
    public string Group { get; init; } = "";

    public long Epoch { get; init; } = 1;

    public long Number { get; init; }
}

/// <summary>
/// Catches up with the event stream from a number on. Answer: <see cref="RegistryEventsRead"/>, <see
/// cref="RegistryRefused"/> or <see cref="RegistryUnknown"/>.
/// </summary>
public sealed record ReadRegistryEvents
{
    public string CommandId { get; init; } = "";

    public long FromNumber { get; init; } = 1;

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="ListServices"/> and <see cref="ListConfig"/>, and go on after <see cref="Head"/>.
/// </summary>
public sealed record RegistryEventsRead
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public long Head { get; init; }

    public IReadOnlyList<RegistryEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record RegistryEvent
{
    public InstanceRegistered? InstanceRegistered { get; init; }

    public InstanceChanged? InstanceChanged { get; init; }

    public InstanceRemoved? InstanceRemoved { get; init; }

    public ConfigChanged? ConfigChanged { get; init; }
}

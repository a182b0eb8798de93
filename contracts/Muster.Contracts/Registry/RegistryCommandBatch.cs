namespace Muster.Contracts.Registry;

/// <summary>
/// Many commands and queries of one process in one message; each has its own answer. At most 1,000. Answers:
/// one or more <see cref="RegistryReplyBatch"/>.
/// </summary>
public sealed record RegistryCommandBatch
{
    public ReplyAddress? ReplyTo { get; init; }

    public IReadOnlyList<RegistryCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command or query: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record RegistryCommand
{
    public RegisterInstance? RegisterInstance { get; init; }

    public DeregisterInstance? DeregisterInstance { get; init; }

    public DrainInstance? DrainInstance { get; init; }

    public PutConfig? PutConfig { get; init; }

    public DeleteConfig? DeleteConfig { get; init; }

    public ResolveService? ResolveService { get; init; }

    public ListServices? ListServices { get; init; }

    public GetConfig? GetConfig { get; init; }

    public ListConfig? ListConfig { get; init; }

    public ReadRegistryEvents? ReadRegistryEvents { get; init; }

    /// <summary>
    /// The sender's span, as W3C's <c>traceparent</c> has it: the service's part becomes its child. Not part
    /// of the command, and not in the log. Null: not traced.
    /// </summary>
    public string? TraceParent { get; init; }
}

public sealed record RegistryReplyBatch
{
    public IReadOnlyList<RegistryReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record RegistryReply
{
    public InstanceAccepted? InstanceAccepted { get; init; }

    public ConfigWritten? ConfigWritten { get; init; }

    public ServiceResolved? ServiceResolved { get; init; }

    public ServicesListed? ServicesListed { get; init; }

    public ConfigRead? ConfigRead { get; init; }

    public ConfigListed? ConfigListed { get; init; }

    public RegistryEventsRead? RegistryEventsRead { get; init; }

    public RegistryRefused? RegistryRefused { get; init; }

    public RegistryUnknown? RegistryUnknown { get; init; }
}

namespace Muster.Contracts.Registry;

/// <summary>
/// Many commands and queries of one process in one message; each has its own answer. At most 1,000. Answers:
/// one or more <see cref="RegistryReplyBatch"/>.
/// </summary>
public sealed record RegistryCommandBatch
{
    /// <summary>
    /// Where the answers of all its commands go that name no address themselves. Null: where the message asks
    /// for them.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }

    /// <summary>
    /// 1 to 1,000, each taken for itself, in no certain order. An empty or larger batch is refused as a
    /// whole: BatchInvalid, without a command id.
    /// </summary>
    public IReadOnlyList<RegistryCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command or query: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record RegistryCommand
{
    /// <summary>
    /// Answered with <see cref="RegistryReply.InstanceAccepted"/>, unless refused or unknown.
    /// </summary>
    public RegisterInstance? RegisterInstance { get; init; }

    /// <summary>
    /// Answered with <see cref="RegistryReply.InstanceAccepted"/>, unless refused or unknown.
    /// </summary>
    public DeregisterInstance? DeregisterInstance { get; init; }

    /// <summary>
    /// Answered with <see cref="RegistryReply.InstanceAccepted"/>, unless refused or unknown.
    /// </summary>
    public DrainInstance? DrainInstance { get; init; }

    /// <summary>Answered with <see cref="RegistryReply.ConfigWritten"/>, unless refused or unknown.</summary>
    public PutConfig? PutConfig { get; init; }

    /// <summary>Answered with <see cref="RegistryReply.ConfigWritten"/>, unless refused or unknown.</summary>
    public DeleteConfig? DeleteConfig { get; init; }

    /// <summary>
    /// Answered with <see cref="RegistryReply.ServiceResolved"/>, unless refused or unknown.
    /// </summary>
    public ResolveService? ResolveService { get; init; }

    /// <summary>
    /// Answered with <see cref="RegistryReply.ServicesListed"/>, unless refused or unknown.
    /// </summary>
    public ListServices? ListServices { get; init; }

    /// <summary>Answered with <see cref="RegistryReply.ConfigRead"/>, unless refused or unknown.</summary>
    public GetConfig? GetConfig { get; init; }

    /// <summary>Answered with <see cref="RegistryReply.ConfigListed"/>, unless refused or unknown.</summary>
    public ListConfig? ListConfig { get; init; }

    /// <summary>
    /// Answered with <see cref="RegistryReply.RegistryEventsRead"/>, unless refused or unknown.
    /// </summary>
    public ReadRegistryEvents? ReadRegistryEvents { get; init; }

    /// <summary>
    /// The sender's span, as W3C's <c>traceparent</c> has it: the service's part becomes its child. Not part
    /// of the command, and not in the log. Null: not traced.
    /// </summary>
    public string? TraceParent { get; init; }
}

/// <summary>
/// Answers to commands of batches, in the order in which they came to be; may mix those of several batches.
/// </summary>
public sealed record RegistryReplyBatch
{
    /// <summary>1 to 256; each is matched by its command id.</summary>
    public IReadOnlyList<RegistryReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record RegistryReply
{
    /// <summary>Of a command about an instance.</summary>
    public InstanceAccepted? InstanceAccepted { get; init; }

    /// <summary>
    /// Of <see cref="RegistryCommand.PutConfig"/> and <see cref="RegistryCommand.DeleteConfig"/>.
    /// </summary>
    public ConfigWritten? ConfigWritten { get; init; }

    /// <summary>Of <see cref="RegistryCommand.ResolveService"/>.</summary>
    public ServiceResolved? ServiceResolved { get; init; }

    /// <summary>Of <see cref="RegistryCommand.ListServices"/>.</summary>
    public ServicesListed? ServicesListed { get; init; }

    /// <summary>Of <see cref="RegistryCommand.GetConfig"/>.</summary>
    public ConfigRead? ConfigRead { get; init; }

    /// <summary>Of <see cref="RegistryCommand.ListConfig"/>.</summary>
    public ConfigListed? ConfigListed { get; init; }

    /// <summary>Of <see cref="RegistryCommand.ReadRegistryEvents"/>.</summary>
    public RegistryEventsRead? RegistryEventsRead { get; init; }

    /// <summary>Of any command or query, or of a batch as a whole.</summary>
    public RegistryRefused? RegistryRefused { get; init; }

    /// <summary>Of any command or query.</summary>
    public RegistryUnknown? RegistryUnknown { get; init; }
}

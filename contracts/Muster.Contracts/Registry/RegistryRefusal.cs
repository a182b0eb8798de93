using System.Text.Json.Serialization;

namespace Muster.Contracts.Registry;

/// <summary>Why the registry does not do what it was asked. A refusal changes nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RegistryRefusal>))]
public enum RegistryRefusal
{
    /// <summary>
    /// The command id is empty or longer than 128 characters, or that of another command of the last minutes.
    /// </summary>
    CommandIdInvalid,

    /// <summary>A service, instance, lease, host, zone, tag or metadata value breaks its rule.</summary>
    InstanceInvalid,

    /// <summary>A configuration key or value breaks its rule.</summary>
    ConfigInvalid,

    /// <summary>The TTL is not between 1 s and 24 h.</summary>
    TtlOutOfRange,

    /// <summary>A limit or page of a query is out of range.</summary>
    QueryInvalid,

    /// <summary>No such instance, or not under that lease.</summary>
    NotRegistered,

    /// <summary>The key's version is not the expected one.</summary>
    VersionMismatch,

    /// <summary>
    /// The registry's limit of services, instances, keys, bytes or unpublished events is reached; the message
    /// says which.
    /// </summary>
    LimitReached,

    /// <summary>
    /// The replica has too many commands waiting, or the registry remembers too many: nothing was done, send
    /// it again later, under the same id.
    /// </summary>
    Overloaded,

    /// <summary>The group is not founded yet: nothing was done, ask again shortly.</summary>
    NotReady,

    /// <summary>A batch holds nothing, too much, or a command of no kind.</summary>
    BatchInvalid,

    /// <summary>The instance is there under another lease, and was to be registered only if not.</summary>
    InstanceTaken,
}

/// <summary>The answer to a command or query that is refused.</summary>
public sealed record RegistryRefused
{
    /// <summary>
    /// The id of the command or query; empty for a batch as a whole, or what is no command in it.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Why. After Overloaded and NotReady send the same command again; any other refusal stands for its id,
    /// and a new attempt takes a new one.
    /// </summary>
    public RegistryRefusal Reason { get; init; }

    /// <summary>One sentence with the value and the limit.</summary>
    public string Message { get; init; } = "";

    /// <summary>With VersionMismatch: the key as it is, null when there is none.</summary>
    public ConfigEntry? Current { get; init; }

    /// <summary>As of which epoch and index; the default where the group's state was not looked at.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>As <c>LockUnknown</c>: send it again with the same id.</summary>
public sealed record RegistryUnknown
{
    /// <summary>The id of the command or query.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>One sentence for people: why nobody can say.</summary>
    public string Message { get; init; } = "";
}

using System.Text.Json.Serialization;

namespace Muster.Contracts.Decisions;

/// <summary>Why a command about decisions is not done. A refusal changes nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DecisionRefusal>))]
public enum DecisionRefusal
{
    /// <summary>
    /// The command id is empty, longer than 128 characters, or that of the proposal that decided this key
    /// with another value.
    /// </summary>
    CommandIdInvalid,

    /// <summary>The key is empty, too long, or has a control character.</summary>
    KeyInvalid,

    /// <summary>The value or the proposer's name is too long, or no text.</summary>
    ValueInvalid,

    /// <summary>A limit or number of a query is out of range.</summary>
    QueryInvalid,

    /// <summary>
    /// The group's keys (100,000 by default) or bytes (6 MiB by default) are at their limit, for ever. What
    /// is decided is answered all the same.
    /// </summary>
    LimitReached,

    /// <summary>
    /// The replica has too many commands waiting, or the group too many unpublished events; nothing was done,
    /// send again later.
    /// </summary>
    Overloaded,

    /// <summary>The group is not founded yet: nothing was done, ask again shortly.</summary>
    NotReady,

    /// <summary>A batch holds nothing, too much, or a command of no kind.</summary>
    BatchInvalid,

    /// <summary>The cluster's nodes keep no group for decisions.</summary>
    NotKept,
}

/// <summary>The answer to a command or query that is refused.</summary>
public sealed record DecisionRefused
{
    /// <summary>
    /// The id of the command or query; empty for a batch as a whole, or what is no command in it.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Why. Of Overloaded, NotReady and NotKept the same command may be done later; what is full stays full.
    /// </summary>
    public DecisionRefusal Reason { get; init; }

    /// <summary>One sentence with the value and the limit.</summary>
    public string Message { get; init; } = "";

    /// <summary>As of which epoch and index; the default where the group's state was not looked at.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>As <c>LockUnknown</c>: send it again with the same id.</summary>
public sealed record DecisionUnknown
{
    /// <summary>The id of the command or query.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>One sentence for people: why nobody can say.</summary>
    public string Message { get; init; } = "";
}

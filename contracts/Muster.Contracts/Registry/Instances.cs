namespace Muster.Contracts.Registry;

/// <summary>
/// Registers an instance of a service, or changes one. It lives as long as its lease is renewed
/// (<c>Heartbeat</c> names the lease id), and is removed one TTL of log time after the last renewal. An
/// instance that is there under another lease is taken over, unless <see cref="OnlyIfAbsent"/>: its old lease
/// renews nothing any more. Answer: <see cref="InstanceAccepted"/>, <see cref="RegistryRefused"/> or <see
/// cref="RegistryUnknown"/>.
/// </summary>
public sealed record RegisterInstance
{
    /// <summary>
    /// New for each command and the same in its repeats: 1 to 128 characters. A repeat within 10 minutes of
    /// log time (<c>Registry:CommandWindow</c>) is answered alike and done once. Empty in a message of its
    /// own: that message's id counts; in a batch refused (CommandIdInvalid).
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>1 to 128 of a-z, A-Z, 0-9, dot, hyphen, underscore; compared ordinally.</summary>
    public string Service { get; init; } = "";

    /// <summary>Unique in the service; as <see cref="Service"/>, and colon.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary>Chosen by the client, unique for ever (a GUID); at most 128 characters.</summary>
    public string LeaseId { get; init; } = "";

    /// <summary>At most 32 characters: <c>https</c>, <c>amqp</c>, or empty.</summary>
    public string Scheme { get; init; } = "";

    /// <summary>1 to 255 characters.</summary>
    public string Host { get; init; } = "";

    /// <summary>0 (none) to 65,535.</summary>
    public int Port { get; init; }

    /// <summary>At most 128 characters; empty: no zone.</summary>
    public string Zone { get; init; } = "";

    /// <summary>0 to 10,000, for weighted balancing; default 100.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>At most 64, of at most 128 characters.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>At most 64 keys, and 8 KiB of UTF-8 in all.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>1,000 to 86,400,000; default 15,000.</summary>
    public long TtlMilliseconds { get; init; } = 15_000;

    /// <summary>
    /// Refused (InstanceTaken) when the instance is there under another lease that was heard of; one that a
    /// restored backup brought back is taken over until its owner is heard again. Default false: taken over
    /// in any case. True is for who registers again by itself, so that two processes of one instance id do
    /// not take it from each other for ever.
    /// </summary>
    public bool OnlyIfAbsent { get; init; }

    /// <summary>The node whose heartbeats renew it, for people. At most 256 characters.</summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// Counts the commands of one lease, from 1: one that comes after a later one of its lease changes
    /// nothing any more, and is answered with the instance as it is. Default 0: each counts as it comes.
    /// </summary>
    public long Change { get; init; }

    /// <summary>
    /// Where the answer goes. Null: where the message, or else its batch, asks for it; nowhere when neither
    /// does.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Removes an instance. Answers as for <see cref="RegisterInstance"/>.</summary>
public sealed record DeregisterInstance
{
    /// <inheritdoc cref="RegisterInstance.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.Service"/>
    public string Service { get; init; } = "";

    /// <summary>
    /// As in <see cref="RegisterInstance.InstanceId"/>; one that is not there is refused (NotRegistered).
    /// </summary>
    public string InstanceId { get; init; } = "";

    /// <summary>
    /// Only while it is registered under this lease, so that a late command does not remove a successor. If
    /// it is not, this is refused (NotRegistered), and so is its registration under this lease for 10 minutes
    /// (<c>Registry:CommandWindow</c>): what this takes back may come after it. Empty (an operator): whatever
    /// its lease.
    /// </summary>
    public string LeaseId { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Takes an instance out of new traffic, or back in; it stays registered. Answers as for <see
/// cref="RegisterInstance"/>.
/// </summary>
public sealed record DrainInstance
{
    /// <inheritdoc cref="RegisterInstance.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.Service"/>
    public string Service { get; init; } = "";

    /// <inheritdoc cref="DeregisterInstance.InstanceId"/>
    public string InstanceId { get; init; } = "";

    /// <summary>
    /// Only while it is registered under this lease, else refused (NotRegistered). Empty (an operator):
    /// whatever its lease.
    /// </summary>
    public string LeaseId { get; init; } = "";

    /// <summary>False: take it back in. Default true.</summary>
    public bool IsDraining { get; init; } = true;

    /// <summary>As <see cref="RegisterInstance.Change"/>, among the drainings of the lease.</summary>
    public long Change { get; init; }

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>An instance's command is done; <see cref="Instance"/> is null after a removal.</summary>
public sealed record InstanceAccepted
{
    /// <summary>The id of the command that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The service that the command named.</summary>
    public string Service { get; init; } = "";

    /// <summary>The instance that the command named.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary>
    /// As it is after the command; a repeat is shown it as it is then. Null: it is not there, since it was
    /// removed by the command or after it.
    /// </summary>
    public ServiceInstance? Instance { get; init; }

    /// <summary>As of which epoch and index of the group this is, and how current.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One instance, as views and events show it.</summary>
public sealed record ServiceInstance
{
    /// <inheritdoc cref="RegisterInstance.Service"/>
    public string Service { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.InstanceId"/>
    public string InstanceId { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.Scheme"/>
    public string Scheme { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.Host"/>
    public string Host { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.Port"/>
    public int Port { get; init; }

    /// <inheritdoc cref="RegisterInstance.Zone"/>
    public string Zone { get; init; } = "";

    /// <inheritdoc cref="RegisterInstance.Weight"/>
    public int Weight { get; init; } = 100;

    /// <summary>In ordinal order, each once.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <inheritdoc cref="RegisterInstance.Metadata"/>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// It takes no new traffic (<see cref="DrainInstance"/>); another lease that takes it over begins with
    /// false.
    /// </summary>
    public bool IsDraining { get; init; }

    /// <inheritdoc cref="RegisterInstance.Node"/>
    public string Node { get; init; } = "";

    /// <summary>The log index of the entry that last changed it.</summary>
    public LogIndex ChangedAt { get; init; }
}

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
    /// Unique per command, at most 128 characters; a repeat within 10 minutes of log time is answered alike
    /// and done once.
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

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Removes an instance. Answers as for <see cref="RegisterInstance"/>.</summary>
public sealed record DeregisterInstance
{
    public string CommandId { get; init; } = "";

    public string Service { get; init; } = "";

    public string InstanceId { get; init; } = "";

    /// <summary>
    /// Only while it is registered under this lease, so that a late command does not remove a successor.
    /// Empty (an operator): whatever its lease.
    /// </summary>
    public string LeaseId { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Takes an instance out of new traffic, or back in; it stays registered. Answers as for <see
/// cref="RegisterInstance"/>.
/// </summary>
public sealed record DrainInstance
{
    public string CommandId { get; init; } = "";

    public string Service { get; init; } = "";

    public string InstanceId { get; init; } = "";

    /// <summary>As for <see cref="DeregisterInstance"/>.</summary>
    public string LeaseId { get; init; } = "";

    /// <summary>False: take it back in. Default true.</summary>
    public bool IsDraining { get; init; } = true;

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>An instance's command is done; <see cref="Instance"/> is null after a removal.</summary>
public sealed record InstanceAccepted
{
    public string CommandId { get; init; } = "";

    public string Service { get; init; } = "";

    public string InstanceId { get; init; } = "";

    public ServiceInstance? Instance { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>One instance, as views and events show it.</summary>
public sealed record ServiceInstance
{
    public string Service { get; init; } = "";

    public string InstanceId { get; init; } = "";

    public string Scheme { get; init; } = "";

    public string Host { get; init; } = "";

    public int Port { get; init; }

    public string Zone { get; init; } = "";

    public int Weight { get; init; } = 100;

    /// <summary>In ordinal order, each once.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public bool IsDraining { get; init; }

    public string Node { get; init; } = "";

    /// <summary>The log index of the entry that last changed it.</summary>
    public LogIndex ChangedAt { get; init; }
}

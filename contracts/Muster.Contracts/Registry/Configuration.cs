namespace Muster.Contracts.Registry;

/// <summary>
/// Writes a configuration key. Answer: <see cref="ConfigWritten"/>, <see cref="RegistryRefused"/>
/// (VersionMismatch: another value is there) or <see cref="RegistryUnknown"/>.
/// </summary>
public sealed record PutConfig
{
    /// <inheritdoc cref="RegisterInstance.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>1 to 512 bytes of UTF-8, no control characters, compared ordinally.</summary>
    public string Key { get; init; } = "";

    /// <summary>At most 256 KiB of UTF-8.</summary>
    public string Value { get; init; } = "";

    /// <summary>
    /// Compare-and-set: write only if this is the key's version; 0: only if there is no such key. Null
    /// (default): write anyway.
    /// </summary>
    public long? ExpectedVersion { get; init; }

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Answers as for <see cref="PutConfig"/>; deleting a key that is not there is done at once.
/// </summary>
public sealed record DeleteConfig
{
    /// <inheritdoc cref="RegisterInstance.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>As in <see cref="PutConfig.Key"/>, else refused (ConfigInvalid).</summary>
    public string Key { get; init; } = "";

    /// <summary>
    /// Compare-and-set: delete only if this is the key's version; 0: only if there is no such key. Null
    /// (default): delete anyway.
    /// </summary>
    public long? ExpectedVersion { get; init; }

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The key is written, or deleted.</summary>
public sealed record ConfigWritten
{
    /// <summary>The id of the command that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The key that was written or deleted.</summary>
    public string Key { get; init; } = "";

    /// <summary>
    /// The key's new version; 0 after a deletion. Counts all writes of the group, so a key that was deleted
    /// and written again never has a version twice.
    /// </summary>
    public long Version { get; init; }

    /// <inheritdoc cref="InstanceAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>Answer: <see cref="ConfigRead"/>, refused or unknown.</summary>
public sealed record GetConfig
{
    /// <inheritdoc cref="ResolveService.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>As in <see cref="PutConfig.Key"/>, else refused (ConfigInvalid).</summary>
    public string Key { get; init; } = "";

    /// <summary>Linearizable by default.</summary>
    public ReadMode Mode { get; init; }

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="GetConfig"/>.</summary>
public sealed record ConfigRead
{
    /// <inheritdoc cref="ServiceResolved.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>The key that was asked for.</summary>
    public string Key { get; init; } = "";

    /// <summary>Null when there is no such key.</summary>
    public ConfigEntry? Entry { get; init; }

    /// <inheritdoc cref="InstanceAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One configuration key with its value.</summary>
public sealed record ConfigEntry
{
    /// <summary>As in <see cref="PutConfig.Key"/>.</summary>
    public string Key { get; init; } = "";

    /// <summary>As it was written; may be empty, and any text.</summary>
    public string Value { get; init; } = "";

    /// <summary>
    /// Greater than that of every write of the group before it; what <see cref="PutConfig.ExpectedVersion"/>
    /// compares with.
    /// </summary>
    public long Version { get; init; }

    /// <summary>The log index of the write.</summary>
    public LogIndex ChangedAt { get; init; }
}

/// <summary>
/// The keys of a prefix in ordinal order. Answer: <see cref="ConfigListed"/>, refused or unknown.
/// </summary>
public sealed record ListConfig
{
    /// <inheritdoc cref="ResolveService.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Only keys that begin so, compared ordinally; empty (default): all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Go on after this key; empty: from the first.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000; default 1,000. Fewer come when the values fill 512 KiB.</summary>
    public int Limit { get; init; } = 1_000;

    /// <inheritdoc cref="ResolveService.Mode"/>
    public ReadMode Mode { get; init; }

    /// <inheritdoc cref="RegisterInstance.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>One page of the answer to <see cref="ListConfig"/>.</summary>
public sealed record ConfigListed
{
    /// <inheritdoc cref="ServiceResolved.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>By key in ordinal order; empty: there are none after that.</summary>
    public IReadOnlyList<ConfigEntry> Entries { get; init; } = [];

    /// <summary>
    /// There are more after the last one: ask again, <see cref="ListConfig.After"/> its key.
    /// </summary>
    public bool IsTruncated { get; init; }

    /// <summary>The newest event's number, for a subscriber that starts from here.</summary>
    public long EventsHead { get; init; }

    /// <inheritdoc cref="InstanceAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

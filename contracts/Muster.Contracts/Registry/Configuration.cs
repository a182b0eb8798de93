namespace Muster.Contracts.Registry;

/// <summary>
/// Writes a configuration key. Answer: <see cref="ConfigWritten"/>, <see cref="RegistryRefused"/>
/// (VersionMismatch: another value is there) or <see cref="RegistryUnknown"/>.
/// </summary>
public sealed record PutConfig
{
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

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Answers as for <see cref="PutConfig"/>; deleting a key that is not there is done at once.
/// </summary>
public sealed record DeleteConfig
{
    public string CommandId { get; init; } = "";

    public string Key { get; init; } = "";

    public long? ExpectedVersion { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record ConfigWritten
{
    public string CommandId { get; init; } = "";

    public string Key { get; init; } = "";

    /// <summary>
    /// The key's new version; 0 after a deletion. Counts all writes of the group, so a key that was deleted
    /// and written again never has a version twice.
    /// </summary>
    public long Version { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>Answer: <see cref="ConfigRead"/>, refused or unknown.</summary>
public sealed record GetConfig
{
    public string CommandId { get; init; } = "";

    public string Key { get; init; } = "";

    /// <summary>Linearizable by default.</summary>
    public ReadMode Mode { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record ConfigRead
{
    public string CommandId { get; init; } = "";

    public string Key { get; init; } = "";

    /// <summary>Null when there is no such key.</summary>
    public ConfigEntry? Entry { get; init; }

    public Freshness Freshness { get; init; } = new();
}

public sealed record ConfigEntry
{
    public string Key { get; init; } = "";

    public string Value { get; init; } = "";

    public long Version { get; init; }

    /// <summary>The log index of the write.</summary>
    public LogIndex ChangedAt { get; init; }
}

/// <summary>
/// The keys of a prefix in ordinal order. Answer: <see cref="ConfigListed"/>, refused or unknown.
/// </summary>
public sealed record ListConfig
{
    public string CommandId { get; init; } = "";

    public string Prefix { get; init; } = "";

    /// <summary>Go on after this key; empty: from the first.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000; default 1,000. Fewer come when the values fill 512 KiB.</summary>
    public int Limit { get; init; } = 1_000;

    public ReadMode Mode { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record ConfigListed
{
    public string CommandId { get; init; } = "";

    public IReadOnlyList<ConfigEntry> Entries { get; init; } = [];

    public bool IsTruncated { get; init; }

    /// <summary>The newest event's number, for a subscriber that starts from here.</summary>
    public long EventsHead { get; init; }

    public Freshness Freshness { get; init; } = new();
}

using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>
/// Configuration: text by key, with versions, compare-and-set and watches. All calls throw <see
/// cref="MusterUnknownException"/> when not answered within <see cref="MusterOptions.CallTimeout"/>, <see
/// cref="MusterRefusedException"/> when refused (a bad key, a limit), <see
/// cref="OperationCanceledException"/>, and <see cref="ObjectDisposedException"/> after the client's end. A
/// key or prefix of more than 512 bytes of UTF-8, or that is no text, is an <see cref="ArgumentException"/>;
/// nothing is sent.
/// </summary>
public interface IConfig
{
    /// <summary>A key's value, read linearizably; null when there is no such key.</summary>
    /// <param name="key">1 to 512 bytes of UTF-8 without control characters, compared ordinally.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ConfigValue?> GetAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Writes a key and returns its new version.</summary>
    /// <param name="key">As for <see cref="GetAsync"/>.</param>
    /// <param name="value">At most 256 KiB of UTF-8.</param>
    /// <param name="expectedVersion">
    /// Write only over this version; 0: only if there is no such key; null: whatever is there.
    /// </param>
    /// <param name="cancellationToken">Gives up; it may have been written.</param>
    /// <exception cref="ArgumentException">The value is too large or no text; nothing was sent.</exception>
    /// <exception cref="ConfigConflictException">Another version is there; nothing was changed.</exception>
    Task<long> PutAsync(
        string key, string value, long? expectedVersion = null,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes a key; done at once when there is none.</summary>
    /// <param name="key">As for <see cref="GetAsync"/>.</param>
    /// <param name="expectedVersion">
    /// Delete only this version; 0: only if there is no such key; null: whatever is there.
    /// </param>
    /// <param name="cancellationToken">Gives up; it may have been deleted.</param>
    /// <exception cref="ConfigConflictException">Another version is there; nothing was changed.</exception>
    Task DeleteAsync(
        string key, long? expectedVersion = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// All keys with a prefix, in ordinal order. Each page of some 1,000 is read linearizably, so a large
    /// list may show changes that were made while it was read.
    /// </summary>
    Task<IReadOnlyList<ConfigValue>> ListAsync(
        string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>
    /// First what is there, then every change, as long as it is read. Of each key the changes come in the
    /// order of their versions, none twice; a reader that is slower than the changes gets the newest of each
    /// key, and nothing of one that came and went meanwhile. Nothing else is missed, whatever happens to the
    /// link or the service: gaps are noticed and filled.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// <see cref="MusterOptions.ReceiveEvents"/> is false.
    /// </exception>
    IAsyncEnumerable<ConfigChange> WatchAsync(
        string prefix = "", CancellationToken cancellationToken = default);
}

/// <summary>A key as it is.</summary>
public sealed record ConfigValue
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>Its value.</summary>
    public required string Value { get; init; }

    /// <summary>Grows with every write of any key; for <c>expectedVersion</c>.</summary>
    public required long Version { get; init; }

    internal static ConfigValue Of(ConfigEntry entry) =>
        new() { Key = entry.Key, Value = entry.Value, Version = entry.Version };
}

/// <summary>What a watch tells of a key.</summary>
public sealed record ConfigChange
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>Null: it was deleted.</summary>
    public string? Value { get; init; }

    /// <summary>0: it was deleted.</summary>
    public long Version { get; init; }

    /// <summary>It was there when the watch began.</summary>
    public bool IsInitial { get; init; }

    /// <summary>There is no such key any more.</summary>
    public bool IsDeleted => Value is null;

    internal static ConfigChange Of(ConfigEntry entry, bool isInitial) => new()
    {
        Key = entry.Key,
        Value = entry.Value,
        Version = entry.Version,
        IsInitial = isInitial,
    };

    internal static ConfigChange Deleted(string key) => new() { Key = key };
}

/// <summary>The key's version is not the expected one; nothing was changed.</summary>
/// <param name="message">Both versions.</param>
/// <param name="current">See <see cref="Current"/>.</param>
public sealed class ConfigConflictException(string message, ConfigValue? current)
    : MusterRefusedException(RegistryRefusal.VersionMismatch, message)
{
    /// <summary>The key as it is; null when there is none.</summary>
    public ConfigValue? Current { get; } = current;
}

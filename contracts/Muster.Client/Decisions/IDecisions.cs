using Muster.Contracts.Decisions;

namespace Muster.Client;

/// <summary>
/// Write-once decisions: for each key the first proposed value counts, for everybody and for ever. There is
/// no change and no deletion: put a round, a term or a date into the key. All calls throw <see
/// cref="MusterUnknownException"/> when not answered within <see cref="MusterOptions.CallTimeout"/>, <see
/// cref="MusterRefusedException"/> when refused (a bad key, a limit), <see
/// cref="OperationCanceledException"/>, and <see cref="ObjectDisposedException"/> after the client's end.
/// </summary>
public interface IDecisions
{
    /// <summary>
    /// Proposes a value, and returns what is decided: this one, or the one that was there. After an unknown
    /// outcome propose again, or <see cref="GetAsync"/>: both tell what became of it.
    /// </summary>
    /// <param name="key">1 to 512 bytes of UTF-8 without control characters, compared ordinally.</param>
    /// <param name="value">At most 64 KiB of UTF-8, if the cluster allows no more.</param>
    /// <param name="commandId">
    /// That of an earlier try with the same key and value (<see cref="MusterUnknownException.CommandId"/>),
    /// so that <see cref="ValueProposed.IsOwn"/> tells whether that one decided. Null: a new one.
    /// </param>
    /// <param name="cancellationToken">Gives up; it may have been decided.</param>
    /// <exception cref="ArgumentException">
    /// The value has more than 256 KiB, which no cluster takes; nothing was sent.
    /// </exception>
    Task<ValueProposed> ProposeAsync(
        string key, string value, string? commandId = null, CancellationToken cancellationToken = default);

    /// <summary>What a key was decided to be, read linearizably; null when nothing is decided.</summary>
    /// <param name="key">As for <see cref="ProposeAsync"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Decision?> GetAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// All decisions whose keys have a prefix, in ordinal order. Each page of some 1,000 is read
    /// linearizably.
    /// </summary>
    Task<IReadOnlyList<Decision>> ListAsync(
        string prefix = "", CancellationToken cancellationToken = default);
}

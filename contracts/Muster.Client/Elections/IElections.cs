using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// Leader election. A leadership is held like a lock, under the client's session, and fenced like one; its
/// value can be read by everybody.
/// </summary>
public interface IElections
{
    /// <summary>
    /// Stands for an election until it is won; first come, first served. When the session is lost meanwhile,
    /// it goes on under a new one, at the queue's end.
    /// </summary>
    /// <param name="election">1 to 200 bytes of UTF-8 without control characters.</param>
    /// <param name="value">Published with the leadership: an address, a name. At most 1,024
    /// characters.</param>
    /// <param name="timeout">
    /// How long to wait; null or <see cref="Timeout.InfiniteTimeSpan"/>: without limit.
    /// </param>
    /// <param name="cancellationToken">Gives up at once; the service is told in the background.</param>
    /// <exception cref="TimeoutException">
    /// Not leading: the wait ran out, or nothing could be sent within the greater of <paramref
    /// name="timeout"/> and <see cref="MusterOptions.CallTimeout"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; a grant on its way is given back.</exception>
    /// <exception cref="MusterUnknownException">Sent, but not answered within the call time-out.</exception>
    /// <exception cref="ArgumentException">The value is too long or no text; nothing was sent.</exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name, a limit.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task<ILeadership> CampaignAsync(
        string election, string value = "", TimeSpan? timeout = null,
        CancellationToken cancellationToken = default);

    /// <summary>Who leads, read linearizably.</summary>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task<ElectionView> GetLeaderAsync(string election, CancellationToken cancellationToken = default);

    /// <summary>
    /// Who leads, and then every change, as long as it is read: the newest, if the reader is slower than the
    /// changes, and never an older one after a newer one. A change is noticed also when its message is lost.
    /// </summary>
    /// <exception cref="MusterRefusedException">Refused: a bad name.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; by itself it does not end.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="MusterOptions.ReceiveEvents"/> is false.
    /// </exception>
    IAsyncEnumerable<ElectionView> ObserveAsync(
        string election, CancellationToken cancellationToken = default);
}

/// <summary>
/// A leadership that is held until disposed (the next candidate leads at once) or lost. Disposing returns
/// once the service has answered, at most after <see cref="MusterOptions.CallTimeout"/>; it is idempotent and
/// throws nothing.
/// </summary>
public interface ILeadership : IAsyncDisposable
{
    /// <summary>The election's name.</summary>
    string Election { get; }

    /// <summary>
    /// What was published with it; or the newest value that was proclaimed since and is confirmed here.
    /// </summary>
    string Value { get; }

    /// <summary>The command id of the campaign that won.</summary>
    string CampaignId { get; }

    /// <summary>
    /// Greater than that of every leader before; see <see cref="ILockHandle.FencingToken"/>.
    /// </summary>
    FencingToken FencingToken { get; }

    /// <summary>
    /// Cancelled when the leadership is lost; see <see cref="ILockHandle.Lost"/>. Not cancelled by disposing.
    /// Callbacks run on the thread pool.
    /// </summary>
    CancellationToken Lost { get; }

    /// <summary>The leadership is lost as of now, by the clock; true for ever once true.</summary>
    bool IsLost { get; }

    /// <summary>
    /// Publishes another value and leads on, under the same token; whoever observes the election is told. Of
    /// several at a time the last in the service's log counts, and is <see cref="Value"/> here too.
    /// </summary>
    /// <param name="value">Instead of the one before. At most 1,024 characters.</param>
    /// <param name="cancellationToken">Gives up at once; the value may be published or not.</param>
    /// <exception cref="MusterRefusedException">
    /// The leadership is lost, or given back (<c>NotHeld</c>, <c>NotHolder</c> or <c>SessionUnknown</c>); or
    /// a limit of the service. Nothing is changed.
    /// </exception>
    /// <exception cref="MusterUnknownException">
    /// Not answered within the call time-out: it may be published later. Resolve it before the next one.
    /// </exception>
    /// <exception cref="ArgumentException">The value is too long or no text; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task ProclaimAsync(string value, CancellationToken cancellationToken = default);
}

/// <summary>Who leads, as of a place in the lock group's log.</summary>
public sealed record ElectionView
{
    /// <summary>The election's name.</summary>
    public required string Election { get; init; }

    /// <summary>Null: nobody leads.</summary>
    public ElectionLeader? Leader { get; init; }

    /// <summary>Raised by a restore of the group from a backup.</summary>
    public long Epoch { get; init; }

    /// <summary>The log index whose state this is.</summary>
    public LogIndex Index { get; init; }
}

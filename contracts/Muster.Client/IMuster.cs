using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// One process's client of a Muster cluster. Thread-safe; one per process and cluster is right. Its session
/// is opened at the first acquire and ends when the client is disposed; all of its locks end with it. Of a
/// lock service with several groups it is one in each that is used, and all are lost with any.
/// </summary>
/// <remarks>
/// A name, key or value with half of a surrogate pair is no text: each call refuses it at once, with an <see
/// cref="ArgumentException"/>, and sends nothing.
/// </remarks>
public interface IMuster : IAsyncDisposable
{
    /// <summary>Distributed locks.</summary>
    ILocks Locks { get; }

    /// <summary>The service registry.</summary>
    IServices Services { get; }

    /// <summary>Configuration with versions and watches.</summary>
    IConfig Config { get; }

    /// <summary>Leader election.</summary>
    IElections Elections { get; }

    /// <summary>Hot standby groups.</summary>
    IStandbys Standbys { get; }

    /// <summary>Values that are decided once.</summary>
    IDecisions Decisions { get; }

    /// <summary>Connected to the bus, and the broker takes messages.</summary>
    bool IsConnected { get; }

    /// <summary>
    /// Connects now instead of at the first call; returns once connected, trying until then.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the client goes on connecting.</param>
    /// <exception cref="OperationCanceledException">Cancelled before it was connected.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task ConnectAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// Locks by name, granted first come first served: exclusive ones, and every other mode by <see
/// cref="LockRequest"/>. Not re-entrant: two acquires exclude each other, also in one process. Many
/// concurrent calls travel in few messages.
/// </summary>
public interface ILocks
{
    /// <summary>
    /// Waits for the lock. When the session is lost meanwhile, it goes on waiting under a new one, at the
    /// queue's end.
    /// </summary>
    /// <param name="name">1 to 256 bytes of UTF-8 without control characters, compared ordinally.</param>
    /// <param name="timeout">
    /// How long to wait in the queue; null or <see cref="Timeout.InfiniteTimeSpan"/>: without limit, also
    /// while nothing can be sent.
    /// </param>
    /// <param name="cancellationToken">Gives up at once; the service is told in the background.</param>
    /// <exception cref="TimeoutException">
    /// Not held: the wait ran out, or nothing could be sent within the greater of <paramref name="timeout"/>
    /// and <see cref="MusterOptions.CallTimeout"/>; without limit, never.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; a grant on its way is given back.</exception>
    /// <exception cref="MusterUnknownException">
    /// Sent, but not answered within the call time-out, or by the end of its wait while the client is not
    /// connected: until then an outage costs time alone, as long as the session lives.
    /// </exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name, a limit.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<ILockHandle> AcquireAsync(
        string name, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="AcquireAsync(string, TimeSpan?, CancellationToken)"/>, but null when the lock is held by
    /// another and does not become free within <paramref name="wait"/> (default: do not wait).
    /// </summary>
    /// <exception cref="TimeoutException">Not held: nothing could be sent.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a grant on its way is given back.</exception>
    /// <exception cref="MusterUnknownException">Sent, but not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name, a limit.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<ILockHandle?> TryAcquireAsync(
        string name, TimeSpan wait = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="AcquireAsync(string, TimeSpan?, CancellationToken)"/>, in any mode, of one name or
    /// several.
    /// </summary>
    /// <exception cref="MusterRefusedException">
    /// Refused: a bad name, a limit, a name that is in use as something else.
    /// </exception>
    ValueTask<ILockHandle> AcquireAsync(
        LockRequest request, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="TryAcquireAsync(string, TimeSpan, CancellationToken)"/>, in any mode, of one name or
    /// several.
    /// </summary>
    /// <exception cref="MusterRefusedException">
    /// Refused: a bad name, a limit, a name that is in use as something else.
    /// </exception>
    ValueTask<ILockHandle?> TryAcquireAsync(
        LockRequest request, TimeSpan wait = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// The names in use, in ordinal order, each page read linearizably: what changes meanwhile may be
    /// missing.
    /// </summary>
    /// <param name="prefix">Only names that begin so; empty (default): all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: a prefix that is longer than any name.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    IAsyncEnumerable<LockSummary> ListAsync(
        string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>
    /// Who waits for each other in a circle, in every group; see <see cref="FindDeadlocks"/>. This client's
    /// acquires are told apart by their flow of control: an async method with all that it calls and starts.
    /// </summary>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<DeadlockReport> FindDeadlocksAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// What happened to a lock or in a session, and when and why: the grants, waits, hand-overs, expiries and
    /// breaks that the answering replica has recorded, page by page. See <see cref="LockHistoryRead"/> for
    /// what such a page covers, and <see cref="LockHistoryEntry.Explanation"/> for people.
    /// </summary>
    /// <param name="query">
    /// What is asked for; its ids and address are this client's. The next page is behind the last entry:
    /// <see cref="ReadLockHistory.AfterIndex"/>.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">
    /// Refused: a bad name, a page that is too long, a service that keeps no history.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<LockHistoryRead> ReadHistoryAsync(
        ReadLockHistory query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Why a lock is lost: the newest that the service's history has of its grant, as a rule how that ended.
    /// It is the grant itself while the service counts it as held: a client gives a lock up before the
    /// service takes it. Null: the history does not reach back so far.
    /// </summary>
    /// <param name="handle">Lost or not; of several names the first is asked about.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">The service keeps no history.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<LockHistoryEntry?> ExplainLossAsync(
        ILockHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Who holds the lock and who waits, read linearizably.</summary>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<LockDescription> DescribeAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a lock from whoever holds it, for operators: the holder is told, the next waiter is granted, in
    /// either order, and what the old holder still writes is older than
    /// <see cref="LockBroken.FencingToken"/>.
    /// </summary>
    /// <param name="name">The lock; of nobody's it changes nothing.</param>
    /// <param name="reason">For people. At most 256 characters.</param>
    /// <param name="cancellationToken">Gives up; it may have been broken.</param>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<LockBroken> BreakAsync(
        string name, string reason = "", CancellationToken cancellationToken = default);

    /// <summary>
    /// Limits what the locks of a namespace have in use, for operators: in every lock group, each of which
    /// counts for itself, one after the other. What is in use already stays. Failed half-way, some groups
    /// have the new limits: call it again, or of an unknown outcome let <see
    /// cref="MusterUnknownException.ResolveAsync"/> do the rest.
    /// </summary>
    /// <param name="name">
    /// What its locks' names have before their first <c>/</c>; empty: those without one; see <see
    /// cref="LockNamespaces"/>.
    /// </param>
    /// <param name="limits">In the place of those there are; without any, the namespace has none.</param>
    /// <param name="cancellationToken">Gives up; some groups may have the new limits.</param>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name, a negative limit, 1,000 namespaces have
    /// limits.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask SetNamespaceLimitsAsync(
        string name, NamespaceLimits limits, CancellationToken cancellationToken = default);

    /// <summary>
    /// The namespaces with limits or something in use, in ordinal order, one of several lock groups once for
    /// each, in the order of their numbers; each page read linearizably.
    /// </summary>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    IAsyncEnumerable<NamespaceDescription> ListNamespacesAsync(
        CancellationToken cancellationToken = default);
}

/// <summary>What <see cref="ILocks.FindDeadlocksAsync"/> found.</summary>
public sealed class DeadlockReport
{
    /// <summary>At most 100 circles, over all lock groups; no flow is in two of them.</summary>
    public required IReadOnlyList<Deadlock> Circles { get; init; }

    /// <summary>
    /// A lock group has more waits than the 10,000 that it tells: there may be circles that are not here.
    /// </summary>
    public bool HasMoreWaits { get; init; }
}

/// <summary>
/// A lock that is held until disposed or lost. Disposing gives it back and returns once the service has
/// answered, at most after <see cref="MusterOptions.CallTimeout"/>; then the release is repeated in the
/// background until it is answered or the client is disposed, also of one that was lost. Disposing is
/// idempotent and throws nothing.
/// </summary>
public interface ILockHandle : IAsyncDisposable
{
    /// <summary>The lock's name; the first of several.</summary>
    string Name { get; }

    /// <summary>All of its names, in ordinal order.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>How it is held now: exclusively after an upgrade.</summary>
    LockMode Mode { get; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    int Permits { get; }

    /// <summary>
    /// How long after this process's last sign of life the lock is another's at the latest, while a majority
    /// of the consensus nodes and the broker are up.
    /// </summary>
    TakeoverTime Takeover { get; }

    /// <summary>
    /// Greater than of every earlier grant of its names; a new one after an upgrade. Hand it to what the lock
    /// protects, and let that refuse smaller ones: only this stops a holder that was paused and does not know
    /// yet that it lost.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The names are in several lock groups: <see cref="FencingTokenOf"/>.
    /// </exception>
    FencingToken FencingToken { get; }

    /// <summary>The token that fences one of the names; of several lock groups each has another.</summary>
    /// <exception cref="ArgumentException">The name is not among <see cref="Names"/>.</exception>
    FencingToken FencingTokenOf(string name);

    /// <summary>The command id of the acquire that was granted; of several lock groups the first's.</summary>
    string AcquireId { get; }

    /// <summary>
    /// Cancelled when the lock is lost: not renewed in time, which by this machine's clocks is before the
    /// service can grant it to another (reading it looks at the clock); or taken away by a break, or because
    /// this process was held for crashed (<see cref="MusterOptions.CrashRelease"/>), which are told at once,
    /// yet after the fact: until the news is here only the token protects. Not cancelled by disposing.
    /// Callbacks run on the thread pool.
    /// </summary>
    CancellationToken Lost { get; }

    /// <summary>The lock is lost as of now, by the clock; true for ever once true.</summary>
    bool IsLost { get; }

    /// <summary>
    /// Makes an upgradeable hold exclusive, before everybody who waits, once the readers beside it have left.
    /// Given up or refused, it stays upgradeable. Upgraded already, it is done at once; of several calls at a
    /// time one is tried after the other.
    /// </summary>
    /// <param name="timeout">
    /// How long to wait; null or <see cref="Timeout.InfiniteTimeSpan"/>: without limit.
    /// </param>
    /// <param name="cancellationToken">Gives up at once; the service is told in the background.</param>
    /// <exception cref="TimeoutException">Readers stayed all the while, or nothing could be sent.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="MusterUnknownException">Sent, but not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Not upgradeable, or not held any more.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask UpgradeAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="UpgradeAsync"/>, but false when readers stay for all of <paramref name="wait"/>
    /// (default: do not wait).
    /// </summary>
    /// <exception cref="TimeoutException">Nothing could be sent.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="MusterUnknownException">Sent, but not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Not upgradeable, or not held any more.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<bool> TryUpgradeAsync(TimeSpan wait = default, CancellationToken cancellationToken = default);
}

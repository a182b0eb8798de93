using Muster.Contracts;
using Muster.Contracts.Recovery;

namespace Muster.Client;

/// <summary>
/// Hot standby groups: one member is the primary and writes a state that survives it; when its node fails,
/// the recovery service fences it and promotes the healthy standby with the newest state.
/// </summary>
public interface IStandbys
{
    /// <summary>
    /// Joins a group under this client's node and session; the first member becomes the primary. Whose
    /// failure counts is the node: see <see cref="MusterOptions.HeartbeatInterval"/>.
    /// </summary>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name, a limit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it is taken out again if need be.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="MusterOptions.ReceiveEvents"/> is false.
    /// </exception>
    Task<IStandby> JoinAsync(StandbyOptions options, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes a group with its policy, state and members for ever. Refused while a member is healthy or a
    /// recovery is under way, unless <paramref name="force"/> is true; a member that lives then is deposed,
    /// and joins a new group of that name, without policy and state, by itself.
    /// </summary>
    /// <exception cref="MusterRefusedException">
    /// <see cref="RecoveryRefusal.GroupInUse"/>; <see cref="RecoveryRefusal.GroupUnknown"/>: there is none.
    /// </exception>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it may be removed all the same.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task RemoveGroupAsync(string group, bool force = false, CancellationToken cancellationToken = default);
}

/// <summary>How a member takes part in its group.</summary>
public sealed record StandbyOptions
{
    /// <summary>1 to 128 of a-z, A-Z, 0-9, dot, hyphen, underscore.</summary>
    public required string Group { get; init; }

    /// <summary>
    /// Unique in the group, as <see cref="Group"/>. Null (default): the client's node. A restarted process
    /// that uses its old name takes its old place; it does so only if this or <see
    /// cref="MusterOptions.Node"/> is given.
    /// </summary>
    public string? Member { get; init; }

    /// <summary>What is done when the primary fails; null (default): what the group has already.</summary>
    public StandbyPolicy? Policy { get; init; }

    /// <summary>
    /// Called on the thread pool when this member has become the primary, the first member too, with the
    /// group's state; its token is <see cref="IStandby.Deposed"/>. Once it returns the promotion is
    /// confirmed. If it throws or takes longer than <see cref="StandbyPolicy.VerifyTimeout"/>, the policy's
    /// lock is broken and another member is promoted; with no other one left this one is again, shortly
    /// after, until it is disposed. Null: confirmed at once.
    /// </summary>
    /// <remarks>
    /// What was acquired for a term is to be given back when its token is cancelled, the policy's lock above
    /// all: it may have been granted after it was broken, and would keep this member's own next promotion
    /// waiting.
    /// </remarks>
    public Func<StandbyPromotion, CancellationToken, Task>? OnPromoted { get; init; }
}

/// <summary>What is done when the primary of a group fails.</summary>
public sealed record StandbyPolicy
{
    /// <summary>
    /// The lock that the primary holds under this client's session, broken first; empty (default): none.
    /// </summary>
    public string Lock { get; init; } = "";

    /// <summary>
    /// How long a promoted member has to confirm; 0.5 s to 10 min, default 5 s, also in a group without a
    /// policy.
    /// </summary>
    public TimeSpan VerifyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Promote by itself; default true. False: only fence.</summary>
    public bool IsAutomatic { get; init; } = true;
}

/// <summary>This member is the primary from this group epoch on.</summary>
public sealed record StandbyPromotion
{
    /// <summary>The group.</summary>
    public required string Group { get; init; }

    /// <summary>This member.</summary>
    public required string Member { get; init; }

    /// <summary>Grows with every promotion.</summary>
    public required long GroupEpoch { get; init; }

    /// <summary>The state with every acknowledged update; empty when there was none.</summary>
    public required byte[] State { get; init; }

    /// <summary>The state's version; 0 when there is none.</summary>
    public required long StateVersion { get; init; }

    /// <summary>Grants below this token are dead: of the former primary's lock.</summary>
    public required FencingToken FenceToken { get; init; }
}

/// <summary>The state of a group and its version.</summary>
/// <param name="State">The newest write; empty when there is none.</param>
/// <param name="Version">Grows by one with every write; 0 when there is none.</param>
public readonly record struct RecoveredState(byte[] State, long Version);

/// <summary>A member's view of its group.</summary>
public sealed record StandbyView
{
    /// <summary>The group.</summary>
    public required string Group { get; init; }

    /// <summary>This member.</summary>
    public required string Member { get; init; }

    /// <summary>This member's part.</summary>
    public StandbyRole Role { get; init; }

    /// <summary>The primary's name; empty: none.</summary>
    public string Primary { get; init; } = "";

    /// <summary>Grows with every promotion.</summary>
    public long GroupEpoch { get; init; }

    /// <summary>The newest version of the state that is known here.</summary>
    public long StateVersion { get; init; }
}

/// <summary>
/// A member of a group until disposed: that withdraws it and waits 1 s for the answer at most.
/// </summary>
public interface IStandby : IAsyncDisposable
{
    /// <summary>The group.</summary>
    string Group { get; }

    /// <summary>This member.</summary>
    string Member { get; }

    /// <summary>As far as is known here; only the service's refusal of a write is proof.</summary>
    StandbyRole Role { get; }

    /// <summary>The newest group epoch known here.</summary>
    long GroupEpoch { get; }

    /// <summary>The newest version of the state known here.</summary>
    long StateVersion { get; }

    /// <summary>
    /// Of the present term as the primary: cancelled when it is known that it ended. While this member is a
    /// standby it is cancelled already. Each term has a token of its own.
    /// </summary>
    CancellationToken Deposed { get; }

    /// <summary>
    /// Writes the group's state over the version that this member wrote or recovered last, and returns the
    /// new version. At most 256 KiB. Updates go one after the other.
    /// </summary>
    /// <exception cref="ArgumentException">The state is too large; nothing was sent.</exception>
    /// <exception cref="MusterRefusedException">
    /// <see cref="RecoveryRefusal.NotPrimary"/>: this member is not the primary (any more). <see
    /// cref="RecoveryRefusal.VersionMismatch"/>: another version is there, as after an update of unknown
    /// outcome: call <see cref="RecoverStateAsync"/> first.
    /// </exception>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it may be written all the same.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task<long> UpdateStateAsync(byte[] state, CancellationToken cancellationToken = default);

    /// <summary>The group's state, read linearizably: every acknowledged update is in it.</summary>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: the group is removed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task<RecoveredState> RecoverStateAsync(CancellationToken cancellationToken = default);

    /// <summary>The group as it is and after every change; the newest for a slow reader.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; by itself it does not end.</exception>
    /// <exception cref="ObjectDisposedException">The member or the client is disposed.</exception>
    IAsyncEnumerable<StandbyView> WatchAsync(CancellationToken cancellationToken = default);
}

using Muster.Contracts;

namespace Muster.Client;

/// <summary>
/// A service that runs in one process of many: wherever its election is won. Registered with <see
/// cref="LeaderElectedServiceCollectionExtensions.AddLeaderElectedService{T}"/>.
/// </summary>
public interface ILeaderElectedService
{
    /// <summary>
    /// The work, begun when the election is won and under way as long as the task is. There is never a second
    /// one of the same election in this container; in another process only when this one goes on although it
    /// was told to stop, or hears of its loss late: it was paused, its leadership was broken, or it was held
    /// for crashed while its connection alone was gone (<see cref="MusterOptions.CrashRelease"/>, true by
    /// default). So hand <see cref="LeaderContext.FencingToken"/> to what it writes to.
    /// </summary>
    /// <param name="leader">The leadership it runs under.</param>
    /// <param name="stopping">
    /// Cancelled when the leadership is lost and when the host stops. Return soon then, or throw <see
    /// cref="OperationCanceledException"/>: at a stop the next process takes over once this returned. Also
    /// cancelled when the task ends by itself, for what it left running: the leadership is given up then.
    /// </param>
    Task ExecuteAsync(LeaderContext leader, CancellationToken stopping);
}

/// <summary>The leadership under which a leader-elected service runs.</summary>
/// <param name="leadership">The leadership, which stays whoever's it is.</param>
public sealed class LeaderContext(ILeadership leadership)
{
    private volatile bool _isResigned;

    /// <summary>The election's name.</summary>
    public string Election => leadership.Election;

    /// <summary>
    /// What everybody can read of the leader: <see cref="LeaderElectedOptions.Value"/>, or what was
    /// proclaimed since.
    /// </summary>
    public string Value => leadership.Value;

    /// <summary>
    /// Greater than that of every leader before; see <see cref="ILeadership.FencingToken"/>.
    /// </summary>
    public FencingToken FencingToken => leadership.FencingToken;

    /// <summary>The command id of the campaign that won.</summary>
    public string CampaignId => leadership.CampaignId;

    /// <summary>
    /// The leadership is lost as of now, by the clock: after a pause this may be true a moment before the
    /// service's token is cancelled. Also once it is given up: the work has ended, or not in time at a stop.
    /// </summary>
    public bool IsLost => _isResigned || leadership.IsLost;

    /// <summary>
    /// Publishes another value and leads on; the next leadership begins with <see
    /// cref="LeaderElectedOptions.Value"/> again.
    /// </summary>
    /// <inheritdoc cref="ILeadership.ProclaimAsync"/>
    public Task ProclaimAsync(string value, CancellationToken cancellationToken = default) =>
        leadership.ProclaimAsync(value, cancellationToken);

    internal void Resign() => _isResigned = true;
}

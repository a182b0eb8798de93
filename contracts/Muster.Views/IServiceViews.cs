using Muster.Contracts.Registry;

namespace Muster.Views;

/// <summary>
/// A cache of the registry's service views, and nothing more: losing it loses speed, never truth. A view
/// never goes back to an older version while it is kept. Every call ends within the cache's own time-out;
/// what fails is reported in the result, never thrown.
/// </summary>
public interface IServiceViews : IAsyncDisposable
{
    /// <summary>
    /// The cache answered when it was last asked. While false, calls fail at once, but for one every second
    /// that tries again.
    /// </summary>
    bool IsAvailable { get; }

    /// <summary>
    /// Stores a view, if it is newer by (epoch, index) than the one kept; if it is the same, it may make
    /// that one younger, never older.
    /// </summary>
    /// <param name="view">A service without instances is a view as well: it replaces older ones.</param>
    /// <param name="ttl">When the view is that old it is forgotten; the same for all writers, above
    /// 0.</param>
    /// <param name="age">How long ago the view was known to be current.</param>
    /// <param name="cancellationToken">Ends the wait, with an <see
    /// cref="OperationCanceledException"/>.</param>
    /// <returns>True: this version is kept, or a newer one. False: nobody knows.</returns>
    ValueTask<bool> WriteAsync(
        ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken);

    /// <summary>The view, or null when none is kept or the cache does not answer.</summary>
    ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken);

    /// <summary>Tells all subscribers; lost when the cache does not answer.</summary>
    Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken);

    /// <summary>
    /// Listens until it is disposed. The callbacks come one at a time and must not block.
    /// </summary>
    /// <param name="onAnnounced">A view changed, or nothing did: a head comes every second. Comes after
    /// <paramref name="onGap"/> when there is a gap before it.</param>
    /// <param name="onGap">Announcements may have been missed, or the registry was restored (another
    /// epoch): any view read before may be out of date without notice. Comes with the first announcement
    /// too.</param>
    IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap);
}

/// <summary>A view from the cache.</summary>
public sealed record StoredView
{
    /// <summary>The view.</summary>
    public required ServiceView View { get; init; }

    /// <summary>How long ago the view was known to be current, by the cache's own clock.</summary>
    public required TimeSpan Age { get; init; }
}

/// <summary>
/// What a stretch of the registry's events changed; the views are stored already. Announcements whose numbers
/// follow each other leave nothing out.
/// </summary>
public sealed record ViewAnnouncement
{
    /// <summary>The epoch of the registry; numbers of different epochs do not compare.</summary>
    public long Epoch { get; init; }

    /// <summary>The first event.</summary>
    public long FromNumber { get; init; }

    /// <summary>
    /// The last event: the head of the stream as far as the announcer knows, if others do not follow at
    /// once. One below <see cref="FromNumber"/> when nothing changed.
    /// </summary>
    public long ToNumber { get; init; }

    /// <summary>
    /// How long ago the announcer knew that it was current, in milliseconds: at that time nothing newer was
    /// done. Where others follow at once, since what they tell was known, that is before all of it.
    /// </summary>
    public long AgeMilliseconds { get; init; }

    /// <summary>The services that those events changed, each once; at most 1,000.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];
}

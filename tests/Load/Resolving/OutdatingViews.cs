using Muster.Contracts.Registry;
using Muster.Views;

namespace Muster.Load.Resolving;

/// <summary>
/// A cache that can tell its client that a service has changed, as the registry's announcements do; the
/// client then reads the service from the cache at the next resolve. All else is the cache's own.
/// </summary>
internal sealed class OutdatingViews(IServiceViews views) : IServiceViews
{
    private Action<ViewAnnouncement>? _announce;

    public bool IsAvailable => views.IsAvailable;

    public void Outdate(string service) =>
        _announce?.Invoke(new ViewAnnouncement { FromNumber = 1, ToNumber = 1, Services = [service] });

    public ValueTask<bool> WriteAsync(
        ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken) =>
        views.WriteAsync(view, ttl, age, cancellationToken);

    public ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken) =>
        views.ReadAsync(service, cancellationToken);

    public Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken) =>
        views.AnnounceAsync(announcement, cancellationToken);

    public IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap)
    {
        _announce = onAnnounced;
        return views.Subscribe(onAnnounced, onGap);
    }

    public ValueTask DisposeAsync() => views.DisposeAsync();
}

using Muster.Contracts.Registry;
using Muster.Views;

namespace Muster.Client.Tests.Doubles;

/// <summary>A cache of views that holds what a test puts there, and announces what a test says.</summary>
internal sealed class ViewsDouble : IServiceViews
{
    private readonly Dictionary<string, StoredView> _stored = new(StringComparer.Ordinal);
    private Action<ViewAnnouncement>? _onAnnounced;
    private Action? _onGap;
    private long _number;

    /// <summary>Reads find nothing.</summary>
    public bool IsAway { get; set; }

    /// <summary>Reads wait for this.</summary>
    public Task Slowness { get; set; } = Task.CompletedTask;

    public int Reads { get; private set; }

    public bool IsAvailable => !IsAway;

    public void Store(ServiceView view, double ageSeconds = 0) => _stored[view.Service] =
        new StoredView { View = view, Age = TimeSpan.FromSeconds(ageSeconds) };

    public void Flush() => _stored.Clear();

    public void Announce(params string[] services)
    {
        var from = _number + 1;
        _number += services.Length;
        _onAnnounced!(new ViewAnnouncement
        {
            Epoch = 1,
            FromNumber = from,
            ToNumber = _number,
            Services = services,
        });
    }

    public void Gap() => _onGap!();

    public async ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken)
    {
        Reads++;
        await Slowness;
        return IsAway ? null : _stored.GetValueOrDefault(service);
    }

    public IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap)
    {
        (_onAnnounced, _onGap) = (onAnnounced, onGap);
        return new MemoryStream();
    }

    public ValueTask<bool> WriteAsync(
        ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A client only reads.");

    public Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A client only reads.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts.Registry;

namespace Muster.Views;

/// <summary>
/// Views in this process, by the rules of those in Redis: for a host that runs registry and clients in one
/// process, one instance for all of them.
/// </summary>
/// <param name="timeProvider">The clock of the views' ages; null: the system's.</param>
/// <param name="logger">Where callbacks that throw are told; null: nowhere.</param>
public sealed class MemoryServiceViews(
    TimeProvider? timeProvider = null, ILogger<MemoryServiceViews>? logger = null) : IServiceViews
{
    /// <summary>Above it, a view that is not yet known is not kept.</summary>
    public const int MaxViews = 50_000;

    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;
    private readonly ILogger _logger = logger ?? NullLogger<MemoryServiceViews>.Instance;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kept> _views = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ViewSubscription, bool> _subscriptions = new();
    private long _sweptAt;

    /// <inheritdoc/>
    public bool IsAvailable => true;

    /// <inheritdoc/>
    public ValueTask<bool> WriteAsync(
        ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ttl, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Sweep(ttl);
            return ValueTask.FromResult(Write(new(view, _time.GetTimestamp(), age, ttl)));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(Find(service) is { } kept
                ? new StoredView { View = kept.View, Age = AgeOf(kept) }
                : null);
        }
    }

    /// <inheritdoc/>
    public Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken)
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Take(announcement);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap)
    {
        var subscription = new ViewSubscription(
            onAnnounced, onGap, gone => _subscriptions.TryRemove(gone, out _), _logger);
        _subscriptions.TryAdd(subscription, true);
        return subscription;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _subscriptions.Clear();
        return ValueTask.CompletedTask;
    }

    private bool Write(Kept written)
    {
        if (written.Age >= written.Ttl)
        {
            return false;
        }
        var kept = Find(written.View.Service);
        if (kept is null && _views.Count >= MaxViews)
        {
            return false;
        }
        var order = kept is null ? 1 : Compare(written.View, kept.View);
        if (order > 0 || (order == 0 && written.Age < AgeOf(kept!)))
        {
            _views[written.View.Service] = written;
        }
        return true;
    }

    private Kept? Find(string service) =>
        _views.GetValueOrDefault(service) is { } kept && AgeOf(kept) < kept.Ttl ? kept : null;

    private TimeSpan AgeOf(Kept kept) => kept.Age + _time.GetElapsedTime(kept.WrittenAt);

    private void Sweep(TimeSpan every)
    {
        if (_time.GetElapsedTime(_sweptAt) < every)
        {
            return;
        }
        _sweptAt = _time.GetTimestamp();
        foreach (var (service, kept) in _views.ToList())
        {
            if (AgeOf(kept) >= kept.Ttl)
            {
                _views.Remove(service);
            }
        }
    }

    private static int Compare(ServiceView left, ServiceView right)
    {
        var byEpoch = left.Epoch.CompareTo(right.Epoch);
        return byEpoch != 0 ? byEpoch : left.Index.CompareTo(right.Index);
    }

    private sealed record Kept(ServiceView View, long WrittenAt, TimeSpan Age, TimeSpan Ttl);
}

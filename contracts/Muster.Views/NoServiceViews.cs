using Muster.Contracts.Registry;

namespace Muster.Views;

/// <summary>No cache at all: nothing is kept, nothing announced.</summary>
public sealed class NoServiceViews : IServiceViews
{
    /// <inheritdoc/>
    public bool IsAvailable => false;

    /// <inheritdoc/>
    public ValueTask<bool> WriteAsync(
        ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken) =>
        ValueTask.FromResult(false);

    /// <inheritdoc/>
    public ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken) =>
        ValueTask.FromResult<StoredView?>(null);

    /// <inheritdoc/>
    public Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap) => Nothing.Instance;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Nothing : IDisposable
    {
        public static readonly Nothing Instance = new();

        public void Dispose()
        {
        }
    }
}

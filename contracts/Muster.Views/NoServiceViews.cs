using Muster.Contracts.Registry;

namespace Muster.Views;

/// <summary>No cache at all: nothing is kept, nothing announced.</summary>
public sealed class NoServiceViews : IServiceViews
{
    public bool IsAvailable => false;

    public ValueTask<bool> WriteAsync(
        ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken) =>
        ValueTask.FromResult(false);

    public ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken) =>
        ValueTask.FromResult<StoredView?>(null);

    public Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap) => Nothing.Instance;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Nothing : IDisposable
    {
        public static readonly Nothing Instance = new();

        public void Dispose()
        {
        }
    }
}

using Muster.Client;
using Xunit;

namespace Muster.Locking;

/// <summary>
/// A suite over two clients of one cluster. Every name is new, so that tests may run over a cluster that
/// others use as well.
/// </summary>
public abstract class Suite : IAsyncLifetime
{
    /// <summary>Ample for one grant on a busy machine.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Long enough for a grant that must not come to show itself.</summary>
    protected static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private readonly List<MusterClient> _clients = [];

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected MusterClient Ann { get; private set; } = null!;

    protected MusterClient Bob { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Ann = await NewClientAsync("ann");
        Bob = await NewClientAsync("bob");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Of the cluster that this suite runs over.</summary>
    protected abstract Task<MusterClient> ConnectAsync(string owner);

    protected async Task<MusterClient> NewClientAsync(string owner)
    {
        var client = await ConnectAsync(owner);
        _clients.Add(client);
        return client;
    }

    protected static string NewName(string what) => $"{what}/{Guid.NewGuid():N}";

    /// <summary>The service has it in a queue: what was asked before it is under way.</summary>
    protected async Task WaitsAsync(string name, int waiters = 1)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(Patience);
        while ((await Ann.Locks.DescribeAsync(name, limit.Token)).WaiterCount != waiters)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }
}

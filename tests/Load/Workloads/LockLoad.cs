using Muster.Client;
using Muster.Load.Measuring;
using Muster.Load.Stage;

namespace Muster.Load.Workloads;

/// <summary>Workers that acquire and release, and count both.</summary>
internal sealed class LockLoad : ILoad, IAsyncDisposable
{
    private static readonly TimeSpan CallTimeout = new MusterOptions().CallTimeout;

    private readonly LockShape _shape;
    private readonly IReadOnlyList<MusterClient> _clients;
    private readonly string _prefix = $"load/{Guid.NewGuid():N}/";
    private readonly Tally _acquire = new("acquire");
    private readonly Tally _cycle = new("cycle");

    private LockLoad(LockShape shape, IReadOnlyList<MusterClient> clients) =>
        (_shape, _clients) = (shape, clients);

    public IReadOnlyList<Tally> Tallies => [_acquire, _cycle];

    public static async Task<LockLoad> ConnectAsync(
        LoadCluster cluster, LockShape shape, CancellationToken cancellationToken)
    {
        var load = new LockLoad(
            shape, [.. Enumerable.Range(0, shape.Sessions).Select(_ => cluster.NewClient("locks"))]);
        await Task.WhenAll(load._clients.Select(client => client.ConnectAsync(cancellationToken)));
        return load;
    }

    public Task RunAsync(CancellationToken stop) =>
        new ClosedLoop(_shape.Workers, Tallies, CycleAsync).RunAsync(stop);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    private async Task CycleAsync(int worker)
    {
        var client = _clients[worker % _clients.Count];
        var name = _prefix + (worker % _shape.Names);
        var asked = Clock.Now;
        try
        {
            var handle = await client.Locks.AcquireAsync(name);
            _acquire.Done(asked);
            await ReleaseAsync(handle, asked);
        }
        catch (MusterUnknownException unknown)
        {
            _acquire.Unknown(asked, 1, unknown.Message);
            _cycle.Unknown(asked, 1, unknown.Message);
        }
        catch (Exception refused) when (refused is MusterRefusedException or TimeoutException)
        {
            _acquire.Refused(asked, 1, refused.Message);
            _cycle.Refused(asked, 1, refused.Message);
        }
    }

    /// <summary>A release throws nothing: that it was not answered shows only in its time.</summary>
    private async Task ReleaseAsync(ILockHandle handle, long asked)
    {
        if (handle.IsLost)
        {
            _cycle.Refused(asked, 1, $"lock {handle.Name} was lost while it was held");
        }
        var releasing = Clock.Now;
        await handle.DisposeAsync();
        if (Clock.Since(releasing) >= CallTimeout)
        {
            _cycle.Unknown(asked, 1, $"release of {handle.Name}: not answered within {CallTimeout}");
        }
        else if (!handle.IsLost)
        {
            _cycle.Done(asked);
        }
    }
}

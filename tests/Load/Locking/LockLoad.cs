using Muster.Client;
using Muster.Load.Measuring;
using Muster.Load.Stage;

namespace Muster.Load.Locking;

/// <summary>Workers of this process that acquire and release, count both, and note every grant.</summary>
internal sealed class LockLoad : ILockLoad
{
    private static readonly TimeSpan CallTimeout = new MusterOptions().CallTimeout;

    private readonly LockShape _shape;
    private readonly string _prefix;
    private readonly IReadOnlyList<MusterClient> _clients;
    private readonly ICycleLog? _log;
    private readonly Tally _acquire = new(LockCycle.AcquireTally);
    private readonly Tally _cycle = new(LockCycle.CycleTally);

    private LockLoad(
        LockShape shape, string prefix, IReadOnlyList<MusterClient> clients, ICycleLog? log) =>
        (_shape, _prefix, _clients, _log) = (shape, prefix, clients, log);

    public IReadOnlyList<Tally> Tallies => [_acquire, _cycle];

    public GrantBook Grants { get; } = new();

    public IEnumerable<int> ProcessIds => [];

    /// <param name="cluster">Whose locks they are.</param>
    /// <param name="shape">How many workers on how many of them.</param>
    /// <param name="prefix">Where their names begin.</param>
    /// <param name="log">Is told of every cycle; null: nobody.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LockLoad> ConnectAsync(
        LoadCluster cluster, LockShape shape, string prefix, ICycleLog? log,
        CancellationToken cancellationToken)
    {
        var load = new LockLoad(
            shape, prefix,
            [.. Enumerable.Range(0, shape.Sessions).Select(_ => cluster.NewClient("locks"))], log);
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
        var name = worker % _shape.Names;
        var cycle = await CycleAsync(_clients[worker % _clients.Count], name);
        cycle.CountIn(_acquire, _cycle, Grants);
        _log?.Add(cycle);
    }

    private async Task<LockCycle> CycleAsync(MusterClient client, int name)
    {
        var asked = Clock.Now;
        try
        {
            var handle = await client.Locks.AcquireAsync(_prefix + name);
            var acquired = Clock.Now;
            return await ReleaseAsync(handle, new LockCycle(
                name, asked, acquired, acquired, handle.FencingToken.Value, CycleEnd.Done, ""));
        }
        catch (MusterUnknownException unknown)
        {
            return LockCycle.WithoutGrant(name, asked, CycleEnd.Unknown, unknown.Message);
        }
        catch (Exception refused) when (refused is MusterRefusedException or TimeoutException)
        {
            return LockCycle.WithoutGrant(name, asked, CycleEnd.Refused, refused.Message);
        }
    }

    /// <summary>A release throws nothing: that it was not answered shows only in its time.</summary>
    private static async Task<LockCycle> ReleaseAsync(ILockHandle handle, LockCycle granted)
    {
        var releasing = Clock.Now;
        await handle.DisposeAsync();
        var ended = granted with { Ended = Clock.Now };
        if (handle.IsLost)
        {
            return ended with { End = CycleEnd.Refused, Problem = "the lock was lost while it was held" };
        }
        return Clock.Since(releasing) < CallTimeout
            ? ended
            : ended with { End = CycleEnd.Unknown, Problem = $"no answer within {CallTimeout} to a release" };
    }
}

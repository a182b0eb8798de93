using Muster.Client;
using Muster.Load.Measuring;

namespace Muster.Load.Resolving;

/// <summary>
/// Workers that resolve from the local copy, which takes too little time to time each: a thousand are timed
/// together.
/// </summary>
internal sealed class LocalLoad(MusterClient client, RegisteredServices services, int workers) : ILoad
{
    public const int Together = 1_000;

    private readonly Tally _tally = new("");

    public IReadOnlyList<Tally> Tallies => [_tally];

    public Task RunAsync(CancellationToken stop) =>
        new ClosedLoop(workers, Tallies, ResolveAsync).RunAsync(stop);

    private async Task ResolveAsync(int worker)
    {
        var (local, other) = (0, (ResolvedService?)null);
        var since = Clock.Now;
        try
        {
            for (var turn = 0; turn < Together; turn++)
            {
                var service = services.Names[(worker + turn) % services.Names.Count];
                var resolved = await client.Services.ResolveAsync(service, ResolvePath.Local.Options);
                if (resolved.Source == ResolveSource.Local
                    && resolved.Instances.Count == RegisteredServices.InstancesEach)
                {
                    local++;
                }
                else
                {
                    other = resolved;
                }
            }
            _tally.DoneInTurn(since, local);
        }
        catch (MusterUnknownException unknown)
        {
            _tally.Unknown(since, 1, unknown.Message);
        }
        if (other is not null)
        {
            _tally.Refused(since, Together - local, $"answered from {other.Source}, {other.Age} old");
        }
        // It never waited: without this, 64 of it would keep everything else off the thread pool.
        await Task.Yield();
    }
}

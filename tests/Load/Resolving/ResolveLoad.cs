using Muster.Client;
using Muster.Load.Measuring;

namespace Muster.Load.Resolving;

/// <summary>
/// Workers that resolve by one path. Each has services of its own, since calls for the same service share one
/// fetch.
/// </summary>
internal sealed class ResolveLoad(
    MusterClient client, RegisteredServices services, ResolvePath path, int workers,
    OutdatingViews? views = null) : ILoad
{
    private readonly Tally _tally = new("");
    private readonly int[] _turns = new int[workers];

    public IReadOnlyList<Tally> Tallies => [_tally];

    public Task RunAsync(CancellationToken stop) =>
        new ClosedLoop(workers, Tallies, ResolveAsync).RunAsync(stop);

    private async Task ResolveAsync(int worker)
    {
        var service = NextOf(worker);
        views?.Outdate(service);
        var asked = Clock.Now;
        try
        {
            var resolved = await client.Services.ResolveAsync(service, path.Options);
            if (resolved.Source != path.Source)
            {
                _tally.Refused(asked, 1, $"answered from {resolved.Source}, {resolved.Age} old");
            }
            else if (resolved.Instances.Count != RegisteredServices.InstancesEach)
            {
                _tally.Refused(asked, 1, $"{resolved.Instances.Count} instances of {service}");
            }
            else
            {
                _tally.Done(asked);
            }
        }
        catch (MusterUnknownException unknown)
        {
            _tally.Unknown(asked, 1, unknown.Message);
        }
        catch (MusterRefusedException refused)
        {
            _tally.Refused(asked, 1, refused.Message);
        }
    }

    private string NextOf(int worker)
    {
        var index = worker + (_turns[worker]++ * workers);
        if (index >= services.Names.Count)
        {
            (index, _turns[worker]) = (worker, 1);
        }
        return services.Names[index];
    }
}

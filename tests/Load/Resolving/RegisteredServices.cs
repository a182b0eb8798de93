using System.Globalization;
using Muster.Bus;
using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Load.Measuring;
using Muster.Load.Stage;
using Muster.Views;

namespace Muster.Load.Resolving;

/// <summary>
/// What is resolved: services of this run's own names, registered by one client that keeps their leases until
/// it is disposed.
/// </summary>
internal sealed class RegisteredServices : IAsyncDisposable
{
    public const int Count = 100;
    public const int InstancesEach = 10;

    private const int RegistrationsAtATime = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly MusterClient _owner;

    private RegisteredServices(MusterClient owner)
    {
        _owner = owner;
        var prefix = $"load-{Guid.NewGuid():N}"[..13];
        Names = [.. Enumerable.Range(0, Count).Select(number => $"{prefix}.s{Text(number)}")];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>A view of one of them as JSON, in bytes.</summary>
    public int ViewBytes { get; private set; }

    public static async Task<RegisteredServices> RegisterAsync(
        LoadCluster cluster, CancellationToken cancellationToken)
    {
        var services = new RegisteredServices(cluster.NewClient("registrations"));
        try
        {
            await Parallel.ForEachAsync(
                services.Names.SelectMany(_ => Enumerable.Range(0, InstancesEach), NewInstance),
                new ParallelOptions
                {
                    MaxDegreeOfParallelism = RegistrationsAtATime,
                    CancellationToken = cancellationToken,
                },
                async (instance, token) => await services._owner.Services.RegisterAsync(instance, token));
            services.ViewBytes = await services.MeasureViewAsync(cancellationToken);
            return services;
        }
        catch (Exception failure)
        {
            await services.DisposeAsync();
            if (failure is MusterUnknownException or MusterRefusedException)
            {
                throw new LoadException(
                    $"The instances could not be registered: {failure.Message}", failure);
            }
            throw;
        }
    }

    /// <summary>Waits until the cache has all of all services.</summary>
    public async Task AreInAsync(IServiceViews views, CancellationToken cancellationToken)
    {
        var started = Clock.Now;
        foreach (var name in Names)
        {
            while ((await views.ReadAsync(name, cancellationToken))?.View.Instances.Count != InstancesEach)
            {
                if (Clock.Since(started) > Patience)
                {
                    throw new LoadException(
                        $"After {Patience} Redis still lacks {name}: is it the registry's own Redis?");
                }
                await Clock.Wait(Pause, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => _owner.DisposeAsync();

    private static ServiceRegistration NewInstance(string service, int number) => new()
    {
        Service = service,
        InstanceId = "i" + Text(number),
        Scheme = "http",
        Host = $"10.0.0.{Text(number + 1)}",
        Port = 8080,
        Zone = "zone-" + Text(number % 3),
        Tags = ["load"],
    };

    private async Task<int> MeasureViewAsync(CancellationToken cancellationToken)
    {
        var resolved = await _owner.Services.ResolveAsync(
            Names[0], new ResolveOptions { Mode = ReadMode.Linearizable }, cancellationToken);
        return BusJson.Write(new ServiceResolved
        {
            View = new ServiceView
            {
                Service = resolved.Service,
                Epoch = resolved.Epoch,
                Index = resolved.Index,
                Instances = resolved.Instances,
            },
        }).Length;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Collections.Concurrent;
using System.Globalization;
using Muster.Client;
using Muster.Cluster;
using Muster.Contracts.Registry;

namespace Muster.Coordination.Tests.Registry;

/// <summary>A change that the registry has acknowledged.</summary>
internal sealed record Change(string Service, long Number, long AcknowledgedAt);

/// <summary>
/// Registers two instances of each service and changes one of them every so often, numbering the changes. A
/// change of unknown outcome is made again under the next number.
/// </summary>
internal sealed class ChangeWriter : IAsyncDisposable
{
    public const int InstancesOfService = 2;

    private const string NumberKey = "change";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Shorter than an outage of the broker, so that it runs out for the client; by log time it does not.
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(9);

    private readonly ConcurrentQueue<Change> _acknowledged = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly IReadOnlyList<IRegistration> _registrations;
    private readonly MusterClient _client;
    private readonly Task _writing;

    private ChangeWriter(MusterClient client, IReadOnlyList<IRegistration> registrations)
    {
        (_client, _registrations) = (client, registrations);
        _writing = Task.Run(WriteAsync);
    }

    public IReadOnlyList<Change> Acknowledged => [.. _acknowledged];

    public static async Task<ChangeWriter> StartAsync(
        MusterCluster cluster, IReadOnlyList<string> services)
    {
        // A short call time-out, so that an outage's commands end with it.
        var client = cluster.NewClient("writer", callTimeout: TimeSpan.FromSeconds(5));
        var registrations = new List<IRegistration>();
        foreach (var service in services)
        {
            for (var i = 0; i < InstancesOfService; i++)
            {
                registrations.Add(await client.Services.RegisterAsync(
                    Registration(service, i.ToString(CultureInfo.InvariantCulture), 0)));
            }
        }
        return new ChangeWriter(client, registrations);
    }

    public static long NumberOf(ServiceInstance instance) =>
        long.Parse(instance.Metadata[NumberKey], CultureInfo.InvariantCulture);

    /// <summary>The next change that is acknowledged from now on.</summary>
    public async Task<Change> NextAsync()
    {
        var known = _acknowledged.Count;
        await Until.TrueAsync(
            () => _acknowledged.Count > known || _writing.IsFaulted, MusterCluster.Patience,
            () => "a change is acknowledged");
        return _acknowledged.Skip(known).First();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _writing;
        await _client.DisposeAsync();
        _ending.Dispose();
    }

    private static ServiceRegistration Registration(string service, string instance, long number) => new()
    {
        Service = service,
        InstanceId = instance,
        Host = "10.0.0.1",
        Port = 8080,
        Ttl = Ttl,
        Metadata = new Dictionary<string, string>
        {
            [NumberKey] = number.ToString(CultureInfo.InvariantCulture),
        },
    };

    private async Task WriteAsync()
    {
        for (var number = 1L; !_ending.IsCancellationRequested; number++)
        {
            var registration = _registrations[(int)(number % _registrations.Count)];
            try
            {
                await registration.UpdateAsync(
                    Registration(registration.Service, registration.InstanceId, number), _ending.Token);
                _acknowledged.Enqueue(
                    new(registration.Service, number, TimeProvider.System.GetTimestamp()));
                await Task.Delay(Interval, TimeProvider.System, _ending.Token);
            }
            catch (MusterUnknownException)
            {
                // In an outage; the registration brings itself up to date, and the next number follows.
                continue;
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                return;
            }
        }
    }
}

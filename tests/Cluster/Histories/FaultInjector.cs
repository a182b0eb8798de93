namespace Muster.Cluster.Histories;

/// <summary>
/// Does something to the cluster or to a client, leaves it so for a while, and mends it. What is chosen comes
/// from the random; who leads, and when, is the cluster's.
/// </summary>
internal sealed class FaultInjector(
    MusterCluster cluster, IReadOnlyList<RecordedClient> clients, Func<RecordedClient, Task> restart,
    Random random)
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);

    /// <summary>Beyond a client's TTL of 3 s as often as not.</summary>
    private TimeSpan While => TimeSpan.FromMilliseconds(random.Next(500, 5_000));

    private IReadOnlyList<Service> LockAndRegistry { get; } = [.. cluster.Replicas, .. cluster.Registries];

    public async Task<Fault> InjectAsync(FaultKind kind, CancellationToken cancellationToken)
    {
        var (victim, mend) = await BeginAsync(kind);
        await Task.Delay(While, TimeProvider.System, cancellationToken);
        await mend();
        return new Fault(kind, victim);
    }

    private Task<(string Victim, Func<Task> Mend)> BeginAsync(FaultKind kind) => kind switch
    {
        FaultKind.KilledLeader => KillLeaderAsync(),
        FaultKind.KilledNode => KillAsync(Any(cluster.Nodes)),
        FaultKind.KilledLockReplica => KillAsync(Any(cluster.Replicas)),
        FaultKind.KilledRegistry => KillAsync(Any(cluster.Registries)),
        FaultKind.KilledClient => KillAsync(Any(clients)),
        FaultKind.PausedNode => Task.FromResult(Pause(Any(cluster.Nodes))),
        FaultKind.PausedReplica => Task.FromResult(Pause(Any(LockAndRegistry))),
        FaultKind.PausedClient => Task.FromResult(Pause(Any(clients))),
        FaultKind.CutNode => Task.FromResult(Cut(Any(cluster.Nodes))),
        FaultKind.CutReplica => Task.FromResult(Cut(Any(LockAndRegistry))),
        FaultKind.CutClient => Task.FromResult(Cut(Any(clients))),
        FaultKind.RestartedBroker => StopBrokerAsync(),
        FaultKind.PausedBroker => PauseBrokerAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a fault nobody knows"),
    };

    private T Any<T>(IReadOnlyList<T> among) => among[random.Next(among.Count)];

    private async Task<(string, Func<Task>)> KillLeaderAsync() =>
        await KillAsync(await cluster.LeaderAsync());

    private static async Task<(string, Func<Task>)> KillAsync(Service service)
    {
        await service.KillAsync();
        return (service.Name, async () =>
        {
            await service.StartAsync();
            await service.ReadyAsync(ReadyPatience);
        }
        );
    }

    private async Task<(string, Func<Task>)> KillAsync(RecordedClient client)
    {
        await client.KillAsync();
        return (client.Process.Name, () => restart(client));
    }

    private static (string, Func<Task>) Pause(Service service)
    {
        service.Pause();
        return (service.Name, () =>
        {
            service.Resume();
            return service.ReadyAsync(ReadyPatience);
        }
        );
    }

    private static (string, Func<Task>) Pause(RecordedClient client)
    {
        client.Process.Pause();
        return (client.Process.Name, () =>
        {
            client.Process.Resume();
            return Task.CompletedTask;
        }
        );
    }

    private (string, Func<Task>) Cut(Service service)
    {
        var isOldHeard = random.Next(2) == 0;
        service.Wire.Cut();
        return (service.Name, () =>
        {
            Heal(service.Wire, isOldHeard);
            return service.ReadyAsync(ReadyPatience);
        }
        );
    }

    private (string, Func<Task>) Cut(RecordedClient client)
    {
        var isOldHeard = random.Next(2) == 0;
        client.Wire.Cut();
        return (client.Process.Name, () =>
        {
            Heal(client.Wire, isOldHeard);
            return Task.CompletedTask;
        }
        );
    }

    /// <summary>
    /// What was held on the way arrives late, or its connection is reset and it never does.
    /// </summary>
    private static void Heal(Broker.CuttableProxy wire, bool isOldHeard)
    {
        if (!isOldHeard)
        {
            wire.CutHard();
        }
        wire.Heal();
    }

    private async Task<(string, Func<Task>)> StopBrokerAsync()
    {
        await cluster.Broker.StopAsync();
        return ("the broker", async () =>
        {
            await cluster.Broker.StartAsync();
            await AllReadyAsync();
        }
        );
    }

    private async Task<(string, Func<Task>)> PauseBrokerAsync()
    {
        await cluster.Broker.PauseAsync();
        return ("the broker", async () =>
        {
            await cluster.Broker.ResumeAsync();
            await AllReadyAsync();
        }
        );
    }

    private Task AllReadyAsync() =>
        Task.WhenAll(cluster.Services.Select(service => service.ReadyAsync(ReadyPatience)));
}

using System.Collections.Concurrent;
using System.ComponentModel;
using Muster.Broker;

namespace Muster.Stack.Tests;

/// <summary>
/// One project of docker-compose: <c>docker compose</c>, or the older <c>docker-compose</c>.
/// </summary>
public sealed class Compose(
    IReadOnlyList<string> program, string project, IReadOnlyDictionary<string, string> environment)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, string> _containers = new(StringComparer.Ordinal);

    /// <summary>The services whose containers stay up, as compose.yaml names them.</summary>
    public static IReadOnlyList<string> Services { get; } =
    [
        "consensus-1", "consensus-2", "consensus-3", "lock-1", "lock-2", "registry-1", "registry-2",
        "detector-1", "detector-2", "detector-3", "recovery-1", "recovery-2",
    ];

    public string Network => $"{project}_default";

    /// <summary>The first of the two that answers; null without either.</summary>
    public static async Task<IReadOnlyList<string>?> FindAsync()
    {
        foreach (var candidate in new string[][] { ["docker", "compose"], ["docker-compose"] })
        {
            try
            {
                if ((await Docker.RunAsync([.. candidate, "version"])).Code == 0)
                {
                    return candidate;
                }
            }
            catch (Win32Exception)
            {
                continue; // not installed
            }
        }
        return null;
    }

    /// <summary>The README's third command.</summary>
    public Task<string> UpAsync(TimeSpan limit) => ComposeAsync(limit, "up", "-d", "--build");

    public Task<string> DownAsync() =>
        ComposeAsync(TimeSpan.FromMinutes(2), "down", "-v", "--remove-orphans", "-t", "3");

    public Task<string> LogsAsync(string service) =>
        ComposeAsync(Docker.QuickLimit, "logs", "--tail", "40", service);

    /// <summary>SIGKILL, as a crash; the container stays down until <see cref="StartAsync"/>.</summary>
    public async Task KillAsync(string service) =>
        await Docker.AskAsync("kill", await ContainerAsync(service));

    public async Task StartAsync(string service) =>
        await Docker.AskAsync("start", await ContainerAsync(service));

    public async Task RestartAsync(string service) =>
        await Docker.AskAsync("restart", "-t", "5", await ContainerAsync(service));

    /// <summary>Takes the container off the stack's network; its packets are lost both ways.</summary>
    public async Task CutOffAsync(string service) =>
        await Docker.AskAsync("network", "disconnect", Network, await ContainerAsync(service));

    public async Task HealAsync(string service) => await Docker.AskAsync(
        "network", "connect", "--alias", service, Network, await ContainerAsync(service));

    /// <summary>Docker's own word: starting, healthy, unhealthy.</summary>
    public async Task<string> HealthAsync(string service) =>
        (await Docker.AskAsync(
            "inspect", "--format", "{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}",
            await ContainerAsync(service))).Trim();

    /// <summary>
    /// What the service says itself, asked inside its container: whether it is ready, and why not.
    /// </summary>
    public async Task<(bool IsReady, string Text)> ProbeAsync(string service)
    {
        var kind = service[..service.IndexOf('-', StringComparison.Ordinal)];
        var program = $"./Muster.{char.ToUpperInvariant(kind[0])}{kind[1..]}";
        var (code, text) = await Docker.RunAsync(
            [
                "docker", "exec", await ContainerAsync(service), program, "--probe",
                "http://127.0.0.1:8080/health/ready",
            ]);
        return (code == 0, text);
    }

    /// <summary>The user id that the container's first process runs under.</summary>
    public async Task<string> UserAsync(string service) =>
        (await Docker.AskAsync("exec", await ContainerAsync(service), "id", "-u")).Trim();

    /// <summary>
    /// Returns when every service's container is healthy; throws with the logs of one that is not.
    /// </summary>
    public async Task WaitForHealthAsync(TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        foreach (var service in Services)
        {
            var health = await HealthAsync(service);
            while (health != "running healthy")
            {
                if (TimeProvider.System.GetElapsedTime(started) > limit)
                {
                    throw new InvalidOperationException(
                        $"{service} is '{health}' after {limit}:\n{await LogsAsync(service)}");
                }
                await Task.Delay(Poll, TimeProvider.System);
                health = await HealthAsync(service);
            }
        }
    }

    /// <summary>
    /// Asks the service itself, at once and again, until it says that it is ready, or that it is not; Docker
    /// asks every 15 s only. Returns what it said last.
    /// </summary>
    public async Task<string> WaitForAsync(string service, bool isReady, TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var said = await ProbeAsync(service);
            if (said.IsReady == isReady)
            {
                return said.Text;
            }
            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                throw new InvalidOperationException($"{service} after {limit}: {said.Text}");
            }
            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    /// <summary>The same however often it is killed and started; docker-compose is slow to ask.</summary>
    private async Task<string> ContainerAsync(string service)
    {
        if (!_containers.TryGetValue(service, out var id))
        {
            id = (await ComposeAsync(Docker.QuickLimit, "ps", "-q", service)).Trim();
            _containers[service] = id.Length > 0 ? id
                : throw new InvalidOperationException($"{service} has no container.");
        }
        return id;
    }

    private Task<string> ComposeAsync(TimeSpan limit, params string[] arguments) => Docker.SucceedAsync(
        [
            .. program, "-p", project, "-f", RepositoryRoot.Combine("compose", "compose.yaml"),
            .. arguments,
        ],
        environment, limit);
}

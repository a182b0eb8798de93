using System.ComponentModel;
using System.Diagnostics;
using Muster.Broker;

namespace Muster.Stack.Tests;

/// <summary>
/// One project of docker-compose: <c>docker compose</c>, or the older <c>docker-compose</c>.
/// </summary>
public sealed class Compose(
    IReadOnlyList<string> program, string project, IReadOnlyDictionary<string, string> environment)
{
    private static readonly TimeSpan QuickLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>The services whose containers stay up, as compose.yaml names them.</summary>
    public static IReadOnlyList<string> Services { get; } =
    [
        "consensus-1", "consensus-2", "consensus-3", "lock-1", "lock-2", "registry-1", "registry-2",
        "detector-1", "detector-2", "detector-3", "recovery-1", "recovery-2",
    ];

    private string Network => $"{project}_default";

    /// <summary>The first of the two that answers; null without either.</summary>
    public static async Task<IReadOnlyList<string>?> FindAsync()
    {
        foreach (var candidate in new string[][] { ["docker", "compose"], ["docker-compose"] })
        {
            try
            {
                var (code, _) = await RunAsync(
                    [.. candidate, "version"], new Dictionary<string, string>(), QuickLimit);
                if (code == 0)
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

    /// <summary>One service: the image is the same for all.</summary>
    public Task<string> BuildAsync(TimeSpan limit) => ComposeAsync(limit, "build", "consensus-1");

    public Task<string> UpAsync(TimeSpan limit) => ComposeAsync(limit, "up", "-d");

    public Task<string> DownAsync() =>
        ComposeAsync(TimeSpan.FromMinutes(2), "down", "-v", "--remove-orphans", "-t", "3");

    public Task<string> LogsAsync(string service) =>
        ComposeAsync(QuickLimit, "logs", "--tail", "40", service);

    /// <summary>SIGKILL, as a crash; the container stays down until <see cref="StartAsync"/>.</summary>
    public async Task KillAsync(string service) =>
        await DockerAsync("kill", await ContainerAsync(service));

    public async Task StartAsync(string service) =>
        await DockerAsync("start", await ContainerAsync(service));

    public async Task RestartAsync(string service) =>
        await DockerAsync("restart", "-t", "5", await ContainerAsync(service));

    /// <summary>Takes the container off the stack's network; its packets are lost both ways.</summary>
    public async Task CutOffAsync(string service) =>
        await DockerAsync("network", "disconnect", Network, await ContainerAsync(service));

    public async Task HealAsync(string service) =>
        await DockerAsync("network", "connect", "--alias", service, Network, await ContainerAsync(service));

    /// <summary>Docker's own word: starting, healthy, unhealthy.</summary>
    public async Task<string> HealthAsync(string service) =>
        (await DockerAsync(
            "inspect", "--format", "{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}",
            await ContainerAsync(service))).Trim();

    /// <summary>The user id that the container's first process runs under.</summary>
    public async Task<string> UserAsync(string service) =>
        (await DockerAsync("exec", await ContainerAsync(service), "id", "-u")).Trim();

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

    private async Task<string> ContainerAsync(string service)
    {
        var id = (await ComposeAsync(QuickLimit, "ps", "-q", service)).Trim();
        return id.Length > 0 ? id : throw new InvalidOperationException($"{service} has no container.");
    }

    private static Task<string> DockerAsync(params string[] arguments) =>
        SucceedAsync(["docker", .. arguments], new Dictionary<string, string>(), QuickLimit);

    private Task<string> ComposeAsync(TimeSpan limit, params string[] arguments) =>
        SucceedAsync(
            [
                .. program, "-p", project, "-f", RepositoryRoot.Combine("compose", "compose.yaml"),
                .. arguments,
            ],
            environment, limit);

    private static async Task<string> SucceedAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        var (code, output) = await RunAsync(command, environment, limit);
        return code == 0
            ? output
            : throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {code}:\n{output}");
    }

    private static async Task<(int Code, string Output)> RunAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"{await output}\n{await errors}\nended after {limit}");
        }
        var said = await output;
        return (process.ExitCode, process.ExitCode == 0 ? said : $"{said}\n{await errors}");
    }
}

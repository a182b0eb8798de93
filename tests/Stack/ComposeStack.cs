using System.Globalization;
using Muster.Broker;
using Xunit;

namespace Muster.Stack.Tests;

/// <summary>
/// The stack of <c>compose/compose.yaml</c> as a user starts it, on images built from this checkout; its own
/// project name and ports, so that it stands beside a developer's. Built and started once for all tests.
/// </summary>
public sealed class ComposeStack : IAsyncLifetime
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(12);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);

    private readonly string _project = $"muster-test-{Environment.ProcessId}";
    private readonly SemaphoreSlim _gate = new(1);
    private Compose? _compose;

    public int AmqpPort { get; } = FreePorts.Take();

    public int RedisPort { get; } = FreePorts.Take();

    /// <summary>
    /// The address an application on this machine uses, with the application's rights only.
    /// </summary>
    public Uri Broker => new($"amqp://app:app-development@127.0.0.1:{AmqpPort}/");

    /// <summary>The same from a container on the stack's network.</summary>
    public static Uri BrokerInside { get; } = new("amqp://app:app-development@rabbitmq:5672/");

    /// <summary>As <c>compose/.env</c> names it.</summary>
    public static string ClusterName => "muster";

    public string Redis => $"127.0.0.1:{RedisPort}";

    /// <summary>
    /// Starts the stack if it does not run and returns once every container is healthy; skips where there is
    /// no Docker.
    /// </summary>
    public async Task<Compose> HealthyAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _compose ??= await StartAsync();
            await _compose.WaitForHealthAsync(StartLimit);
            return _compose;
        }
        finally
        {
            _gate.Release();
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_compose is not null)
        {
            await _compose.DownAsync();
        }
        _gate.Dispose();
    }

    private async Task<Compose> StartAsync()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable(BrokerChoice.OwnVariable) is null or "" or "docker"
                && await Compose.FindAsync() is not null,
            "The stack needs Docker and docker-compose or `docker compose`.");
        var compose = new Compose((await Compose.FindAsync())!, _project, new Dictionary<string, string>
        {
            ["AMQP_PORT"] = AmqpPort.ToString(CultureInfo.InvariantCulture),
            ["MANAGEMENT_PORT"] = FreePorts.Take().ToString(CultureInfo.InvariantCulture),
            ["REDIS_PORT"] = RedisPort.ToString(CultureInfo.InvariantCulture),
            ["MUSTER_IMAGE"] = "muster:test",
        });
        try
        {
            await compose.UpAsync(BuildLimit + StartLimit);
            return compose;
        }
        catch
        {
            await compose.DownAsync();
            throw;
        }
    }
}

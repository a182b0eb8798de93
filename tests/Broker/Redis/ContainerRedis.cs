using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.Redis;

namespace Muster.Broker;

/// <summary>Redis in a container on a port of loopback that a restart keeps.</summary>
internal sealed class ContainerRedis : ControllableRedis
{
    public const string Image = "redis:8";

    private const ushort RedisPort = 6379;

    private readonly RedisContainer _container;

    public ContainerRedis() => _container = new RedisBuilder(Image)
        .WithCommand("redis-server", "--save", "", "--protected-mode", "no")
        .WithLabel(ContainerBroker.ProcessLabel, ContainerBroker.ProcessName)
        .WithLabel(ContainerBroker.HostLabel, Environment.MachineName)
        .WithLogger(NullLogger.Instance)
        .WithPortBinding(Port, RedisPort)
        .WithCreateParameterModifier(ContainerBroker.ListenOnLoopbackOnly)
        .Build();

    public override string Description => $"Redis in a container ({Image}) at {Connection}";

    public override ValueTask DisposeAsync() => _container.DisposeAsync();

    protected override Task StartServerAsync() => _container.StartAsync();

    protected override Task StopServerAsync() => _container.StopAsync();
}

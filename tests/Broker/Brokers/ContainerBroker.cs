using System.Globalization;
using System.Text;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.RabbitMq;

namespace Muster.Broker;

/// <summary>RabbitMQ in a container on a port of loopback that a restart keeps.</summary>
internal sealed class ContainerBroker : ControllableBroker
{
    public const string Image = "rabbitmq:4-management";

    // They name the test process on every container, so that tests/run removes those whose process is gone.
    internal const string ProcessLabel = "muster.tests.process";
    internal const string HostLabel = "muster.tests.host";
    internal static readonly string ProcessName =
        Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private const string User = "muster";
    private const ushort AmqpPort = 5672;
    private readonly RabbitMqContainer _container;

    private ContainerBroker(BrokerOptions options, int port)
    {
        Uri = new Uri($"amqp://{User}:{User}@127.0.0.1:{port}/");
        _container = new RabbitMqBuilder(Image)
            .WithUsername(User)
            .WithPassword(User)
            .WithLabel(ProcessLabel, ProcessName)
            .WithLabel(HostLabel, Environment.MachineName)
            .WithLogger(NullLogger.Instance)
            .WithPortBinding(port, AmqpPort)
            .WithCreateParameterModifier(ListenOnLoopbackOnly)
            .WithResourceMapping(EnabledPlugins(options), "/etc/rabbitmq/enabled_plugins")
            .WithWaitStrategy(Wait.ForUnixContainer())
            .Build();
    }

    public override Uri Uri { get; }

    public override string Description => $"RabbitMQ in a container ({Image}) at 127.0.0.1:{Uri.Port}";

    public static async Task<IBroker> StartAsync(BrokerOptions options)
    {
        var broker = new ContainerBroker(options, FreePorts.Take());
        try
        {
            await broker.StartAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public override async Task<string> RabbitmqctlAsync(params string[] arguments)
    {
        var result = await _container.ExecAsync(["rabbitmqctl", .. arguments]);
        return result.ExitCode == 0
            ? result.Stdout
            : throw new InvalidOperationException(
                $"rabbitmqctl {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Stderr}");
    }

    public override ValueTask DisposeAsync() => _container.DisposeAsync();

    protected override Task StartNodeAsync() => _container.StartAsync();

    protected override async Task StopNodeAsync()
    {
        // Not the engine's stop first: it signals the image's entry point, which need not pass it on to the
        // node.
        await RabbitmqctlAsync("stop");
        await _container.StopAsync();
    }

    protected override Task PauseNodeAsync() => _container.PauseAsync();

    protected override Task ResumeNodeAsync() => _container.UnpauseAsync();

    internal static void ListenOnLoopbackOnly(CreateContainerParameters parameters)
    {
        foreach (var binding in parameters.HostConfig!.PortBindings!.Values.SelectMany(bindings => bindings))
        {
            binding.HostIP = "127.0.0.1";
        }
    }

    private static byte[] EnabledPlugins(BrokerOptions options)
    {
        var plugins = File.ReadAllText(RepositoryRoot.Combine("compose", "rabbitmq", "enabled_plugins"));
        return Encoding.UTF8.GetBytes(
            options.EventExchange
                ? plugins
                : plugins.Replace("rabbitmq_event_exchange,", "", StringComparison.Ordinal));
    }
}

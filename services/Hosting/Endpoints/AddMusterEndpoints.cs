using System.Net.Security;
using System.Security.Authentication;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Bus;

namespace Muster.Hosting;

/// <summary>
/// MassTransit for the public commands and queries: the cluster's names, envelope and bare JSON, limits.
/// Queue names, concurrency and partitions are the consumer definitions' business; they may take <see
/// cref="BusNames"/> in their constructor.
/// </summary>
public static class AddMusterEndpointsExtensions
{
    /// <summary>
    /// Messages that an <c>_error</c> or <c>_skipped</c> queue keeps, dropping the oldest. A constant,
    /// because a queue that exists cannot be declared again with another limit.
    /// </summary>
    private const int ErrorQueueLength = 10_000;

    /// <summary>Commands that wait in a public queue, dropping the oldest; a constant, as above.</summary>
    private const int QueueLength = 10_000;

    /// <summary>
    /// How long a command waits, public or in a client's batch, before it is dropped unanswered. By then its
    /// sender has given up or sends it again, and what is done so much later may undo what came since.
    /// Shorter than the time for which ids are remembered. A constant, as above.
    /// </summary>
    public static TimeSpan CommandLife { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Endpoints over RabbitMQ, addressed by <see cref="MusterBusOptions"/>.</summary>
    public static IServiceCollection AddMusterEndpoints(
        this IServiceCollection services,
        Action<IBusRegistrationConfigurator> register,
        Action<IBusRegistrationContext, IBusFactoryConfigurator>? configure = null)
    {
        services.AddValidatedOptions<MusterBusOptions>(
            MusterBusOptions.Section, MusterBusOptions.ProblemsOnRabbitMq);
        return services.AddEndpoints(register, endpoints => endpoints.UsingRabbitMq((context, bus) =>
        {
            var options = context.GetRequiredService<IOptions<MusterBusOptions>>().Value;
            Connect(bus, options);
            bus.SendTopology.ConfigureErrorSettings = Bound;
            bus.SendTopology.ConfigureDeadLetterSettings = Bound;
            Configure(bus, context, options, configure);
            bus.ConfigureEndpoints(context);
        }));
    }

    /// <summary>
    /// The same endpoints inside one process, over MassTransit's in-memory transport; started when the host
    /// is.
    /// </summary>
    public static IServiceCollection AddMusterEndpointsInMemory(
        this IServiceCollection services,
        Action<IBusRegistrationConfigurator> register,
        Action<IBusRegistrationContext, IBusFactoryConfigurator>? configure = null)
    {
        services.AddValidatedOptions<MusterBusOptions>(MusterBusOptions.Section, MusterBusOptions.Problems);
        services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        return services.AddEndpoints(register, endpoints => endpoints.UsingInMemory((context, bus) =>
        {
            var options = context.GetRequiredService<IOptions<MusterBusOptions>>().Value;
            Configure(bus, context, options, configure);
            bus.ConfigureEndpoints(context);
        }));
    }

    private static IServiceCollection AddEndpoints(
        this IServiceCollection services,
        Action<IBusRegistrationConfigurator> register,
        Action<IBusRegistrationConfigurator> useTransport)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProcessExit>();
        services.TryAddSingleton(provider =>
            new BusNames(provider.GetRequiredService<IOptions<MusterBusOptions>>().Value.Cluster));
        services.AddMassTransit(endpoints =>
        {
            endpoints.DisableUsageTelemetry();
            endpoints.TryAddSingleton<IEndpointNameFormatter, ClusterQueueNames>();
            endpoints.AddConfigureEndpointsCallback(ConfigureEndpoint);
            register(endpoints);
            useTransport(endpoints);
        });
        services.AddSingleton<IHealthSource, EndpointsHealth>();
        services.AddSingleton<EnvelopeReplies>();
        services.AddHostedService(provider => provider.GetRequiredService<EnvelopeReplies>());
        services.AddSingleton(provider => new EndpointStop(
            provider.GetRequiredService<EnvelopeReplies>, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EndpointStop>>()));
        services.AddHostedService(provider => provider.GetRequiredService<EndpointStop>());
        return services;
    }

    private static void ConfigureEndpoint(
        IRegistrationContext context, string name, IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConnectReceiveEndpointObserver(context.GetRequiredService<EndpointStop>());
        // MassTransit's own are only there where nothing else is.
        endpoint.ConfigureError(pipe => pipe.UseFilter(new MovableFailed()));
        endpoint.ConfigureDefaultErrorTransport();
        endpoint.ConfigureDeadLetter(pipe => pipe.UseFilter(new MovableSkipped()));
        endpoint.ConfigureDefaultDeadLetterTransport();
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.SetQueueArgument("x-max-length", QueueLength);
            rabbit.SetQueueArgument("x-message-ttl", (int)CommandLife.TotalMilliseconds);
        }
    }

    private static void Configure(
        IBusFactoryConfigurator bus,
        IBusRegistrationContext context,
        MusterBusOptions options,
        Action<IBusRegistrationContext, IBusFactoryConfigurator>? configure)
    {
        var names = context.GetRequiredService<BusNames>();
        // Before anything else: a message type keeps the formatter that is set when it is first mentioned.
        bus.MessageTopology.SetEntityNameFormatter(new ClusterExchangeNames(names));
        bus.AddDeserializer(new EnvelopeFactory(options.MaxMessageBytes));
        // The default too: it takes what has no content type, and refuses in clear words what has one we do
        // not know.
        bus.AddDeserializer(new BareJsonFactory(names, options.MaxMessageBytes), isDefault: true);
        configure?.Invoke(context, bus);
    }

    private static void Connect(IRabbitMqBusFactoryConfigurator bus, MusterBusOptions options)
    {
        var uri = options.Uri!;
        var tls = uri.Scheme == "amqps";
        var port = uri.Port > 0 ? uri.Port : tls ? 5671 : 5672;
        var path = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        var user = uri.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        var virtualHost = path.Length == 0 ? "/" : path;
        bus.Host(uri.Host, (ushort)port, virtualHost, $"muster endpoints {options.Cluster}", host =>
        {
            host.Username(user[0].Length == 0 ? "guest" : user[0]);
            host.Password(user.Length == 2 ? user[1] : "guest");
            host.PublisherConfirmation = true;
            host.Heartbeat(TimeSpan.FromSeconds(10));
            if (tls)
            {
                host.UseSsl(ssl =>
                {
                    ssl.ServerName = uri.Host;
                    ssl.Protocol = SslProtocols.None; // as the machine is set up: TLS 1.3 too
                    // MassTransit takes a certificate that nobody trusts unless told not to.
                    ssl.EnforcePolicyErrors(SslPolicyErrors.RemoteCertificateChainErrors);
                });
            }
        });
    }

    /// <summary>
    /// Of the endpoint's queue it has all arguments, and what failed stays until people have seen it.
    /// </summary>
    private static void Bound(IRabbitMqQueueBindingConfigurator queue)
    {
        queue.SetQueueArgument("x-max-length", ErrorQueueLength);
        queue.SetQueueArgument("x-message-ttl", (object?)null);
    }
}

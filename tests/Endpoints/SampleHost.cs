using System.Net.Mime;
using System.Text;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Muster.Bus;
using Muster.Hosting;

namespace Muster.Endpoints.Tests;

/// <summary>The sample consumer on the in-memory transport, its error queue, and a bare sender.</summary>
public sealed class SampleHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Channel<Failure> _failures = Channel.CreateUnbounded<Failure>();

    private SampleHost(string cluster)
    {
        Names = new BusNames(cluster);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Bus:Cluster"] = cluster, ["Bus:MaxMessageBytes"] = "4096" });
        builder.Services.AddSingleton<TakenMessages>();
        builder.Services.AddSingleton<IBusLink>(Link);
        builder.Services.AddSingleton<IReplySender, ReplySender>();
        builder.Services.AddMusterEndpointsInMemory(
            endpoints => endpoints.AddConsumer<SampleConsumer, SampleDefinition>(),
            (_, bus) => bus.ReceiveEndpoint(Queue + "_error", ErrorEndpoint));
        _host = builder.Build();
    }

    public BusNames Names { get; }

    public RecordingLink Link { get; } = new();

    public string Queue => Names.Queue(SampleDefinition.Queue);

    public IServiceProvider Services => _host.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    public TakenMessages Taken => Services.GetRequiredService<TakenMessages>();

    public static async Task<SampleHost> StartAsync(
        CancellationToken cancellationToken, string cluster = BusNames.DefaultCluster)
    {
        var sample = new SampleHost(cluster);
        await sample._host.StartAsync(cancellationToken);
        return sample;
    }

    public async Task SendBareAsync(
        string body,
        Dictionary<string, string> properties,
        CancellationToken cancellationToken,
        string contentType = BusJson.BareContentType)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri("queue:" + Queue));
        await endpoint.Send(new Carrier(), context =>
        {
            context.Serializer = new RawBody(Encoding.UTF8.GetBytes(body), contentType);
            foreach (var (name, value) in properties)
            {
                context.Headers.Set(name, value);
            }
        }, cancellationToken);
    }

    public async Task<Failure> NextFailureAsync(CancellationToken cancellationToken) =>
        await _failures.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    // The filter comes before deserialization: an error queue holds what cannot be read.
    private void ErrorEndpoint(IReceiveEndpointConfigurator endpoint) =>
        endpoint.ConfigureReceive(pipe => pipe.UseFilter(new FailureFilter(_failures.Writer)));

    public sealed record Carrier;

    public sealed record Failure(string Body, string Exception, string Text);

    private sealed class FailureFilter(ChannelWriter<Failure> failures) : IFilter<ReceiveContext>
    {
        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            failures.TryWrite(new Failure(
                context.Body.GetString(),
                context.TransportHeaders.Get<string>("MT-Fault-ExceptionType") ?? "",
                context.TransportHeaders.Get<string>("MT-Fault-Message") ?? ""));
            return Task.CompletedTask;
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("failures");
    }

    private sealed class RawBody(byte[] body, string contentType) : IMessageSerializer
    {
        public ContentType ContentType { get; } = new(contentType);

        public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class =>
            new BytesMessageBody(body);
    }
}

using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>What becomes of a command that is under way when its process stops.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The consumer waits for its answer until the endpoint is told to stop; by then a link that is closed
    /// like everything else would drop it, and the command would be acknowledged.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_answered_before_what_answers_it_stops(bool concurrently)
    {
        using var limit = new CancellationTokenSource(Limit);
        var (desk, link) = (new Desk(), new RecordingLink());
        using var host = Build(desk, link, concurrently);
        await host.StartAsync(limit.Token);
        var names = host.Services.GetRequiredService<BusNames>();
        var endpoint = await host.Services.GetRequiredService<IBus>()
            .GetSendEndpoint(new Uri("queue:" + names.Queue(HeldDefinition.Queue)));
        await endpoint.Send(
            new AcquireLock { Name = "bare", ReplyTo = ReplyAddress.Inbox("client.1") }, limit.Token);
        await endpoint.Send(
            new AcquireLock { Name = "enveloped" },
            context => context.ResponseAddress = new Uri("loopback://localhost/requester"), limit.Token);
        host.Services.GetRequiredService<IBus>().ConnectSendObserver(desk);
        await desk.TwoTaken.WaitAsync(limit.Token);

        await host.StopAsync(limit.Token);

        link.IsUp.ShouldBeFalse();
        link.Sent.ShouldHaveSingleItem().Message.ShouldBe(new LockGranted { Name = "bare" });
        desk.Enveloped.ShouldBe(["enveloped"]);
    }

    private static IHost Build(Desk desk, RecordingLink link, bool concurrently)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.Configure<HostOptions>(options => options.ServicesStopConcurrently = concurrently);
        builder.Services.AddSingleton(desk);
        builder.Services.AddSingleton<IBusLink>(link);
        builder.Services.AddSingleton<IReplySender, ReplySender>();
        builder.Services.AddMusterEndpointsInMemory(
            endpoints => endpoints.AddConsumer<HeldConsumer, HeldDefinition>());
        builder.Services.AddHostedService(_ => new LinkOwner(link));
        return builder.Build();
    }

    /// <summary>Lets the consumer answer when its endpoint is told to stop.</summary>
    private sealed class Desk : IReceiveEndpointObserver, ISendObserver
    {
        private const TaskCreationOptions Elsewhere = TaskCreationOptions.RunContinuationsAsynchronously;

        private readonly TaskCompletionSource _taken = new(Elsewhere);
        private readonly TaskCompletionSource _stops = new(Elsewhere);
        private int _count;

        public Task TwoTaken => _taken.Task;

        public ConcurrentQueue<string> Enveloped { get; } = new();

        public Task TakeAsync()
        {
            if (Interlocked.Increment(ref _count) == 2)
            {
                _taken.SetResult();
            }
            return _stops.Task;
        }

        public Task PostSend<T>(SendContext<T> context)
            where T : class
        {
            if (context.Message is LockGranted granted)
            {
                Enveloped.Enqueue(granted.Name);
            }
            return Task.CompletedTask;
        }

        public Task PreSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;

        public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

        public Task Stopping(ReceiveEndpointStopping stopping)
        {
            _stops.TrySetResult();
            return Task.CompletedTask;
        }

        public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }

    private sealed class HeldConsumer(Desk desk, IReplySender replies) : IConsumer<AcquireLock>
    {
        public async Task Consume(ConsumeContext<AcquireLock> context)
        {
            await desk.TakeAsync();
            replies.Send(
                context.Message.ReplyTo ?? context.ReplyAddressOf()!,
                new LockGranted { Name = context.Message.Name });
        }
    }

    private sealed class HeldDefinition : ConsumerDefinition<HeldConsumer>
    {
        public const string Queue = "held";

        private readonly Desk _desk;

        public HeldDefinition(BusNames names, Desk desk)
        {
            _desk = desk;
            EndpointName = names.Queue(Queue);
            ConcurrentMessageLimit = 2;
        }

        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpointConfigurator,
            IConsumerConfigurator<HeldConsumer> consumerConfigurator,
            IRegistrationContext context) => endpointConfigurator.ConnectReceiveEndpointObserver(_desk);
    }

    /// <summary>As a replica closes its link.</summary>
    private sealed class LinkOwner(RecordingLink link) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            link.IsUp = false;
            return Task.CompletedTask;
        }
    }
}

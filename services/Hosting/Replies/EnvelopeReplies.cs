using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Contracts;

namespace Muster.Hosting;

/// <summary>
/// Answers in MassTransit's envelope: a bounded queue and one pump, so that they leave in their order.
/// </summary>
public sealed partial class EnvelopeReplies(IBus bus, TimeProvider time, ILogger<EnvelopeReplies> logger)
    : BackgroundService
{
    /// <summary>Answers that wait at most; more are dropped, and counted in the log.</summary>
    private const int Capacity = 10_000;

    private const int LoggedDrops = 1000;

    /// <summary>
    /// While the broker is away MassTransit would retry for ever; a requester has given up by then.
    /// </summary>
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);

    private readonly Channel<(ReplyAddress? To, object Message)> _waiting =
        Channel.CreateBounded<(ReplyAddress?, object)>(
            new BoundedChannelOptions(Capacity) { SingleReader = true });

    private long _dropped;

    /// <summary>Takes an answer; false when it was dropped here. Never blocks.</summary>
    public bool Post(ReplyAddress to, object message)
    {
        if (_waiting.Writer.TryWrite((to, message)))
        {
            return true;
        }
        var dropped = Interlocked.Increment(ref _dropped);
        if (dropped % LoggedDrops == 1)
        {
            LogFull(dropped);
        }
        return false;
    }

    /// <summary>Completes when all that was taken before has left; at once if too many wait.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiting.Writer.TryWrite((null, reached))
            ? reached.Task.WaitAsync(cancellationToken)
            : Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (to, message) in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            if (to is null)
            {
                ((TaskCompletionSource)message).SetResult();
            }
            else if (EnvelopeRoute.TryParse(to.Address, bus.Address, out var route))
            {
                await SendAsync(route, to, message, stoppingToken);
            }
            else
            {
                LogUnusable(to.Address);
            }
        }
    }

    private async Task SendAsync(
        EnvelopeRoute route, ReplyAddress to, object message, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(SendLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            var endpoint = await bus.GetSendEndpoint(route.Endpoint).WaitAsync(either.Token);
            await endpoint.Send(
                message,
                message.GetType(),
                Pipe.Execute<SendContext>(context => Address(context, route, to)),
                either.Token);
        }
        catch (Exception failure)
            when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure, message.GetType().Name, to.Address);
        }
    }

    private static void Address(SendContext context, EnvelopeRoute route, ReplyAddress to)
    {
        context.RequestId = Guid.TryParse(to.RequestId, out var id) ? id : null;
        if (route.RoutingKey is { } queue)
        {
            context.SetRoutingKey(queue);
            // An answer is worth no disk write and no wait: a lost one is asked for again.
            context.Durable = false;
            context.SetAwaitAck(false);
        }
    }

    [LoggerMessage(9022, LogLevel.Warning, "{Dropped} answers in envelopes dropped so far: too many wait")]
    private partial void LogFull(long dropped);

    [LoggerMessage(9023, LogLevel.Warning, "An answer was dropped: {Address} is no address of this bus")]
    private partial void LogUnusable(string address);

    [LoggerMessage(9024, LogLevel.Warning, "The answer {Message} to {Address} was not sent")]
    private partial void LogFailed(Exception failure, string message, string address);
}

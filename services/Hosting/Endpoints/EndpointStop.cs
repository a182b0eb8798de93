using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Muster.Hosting;

/// <summary>
/// When the process stops, its public endpoints do first: a command under way has its answer while everything
/// that answers still runs, and what comes later stays in the queue for another process. A consumer that
/// ended with its command unanswered would have it acknowledged all the same.
/// </summary>
/// <param name="replies">Answers that wait; asked for late, because it needs the bus that needs this.</param>
/// <param name="time">The clock of the limit.</param>
/// <param name="logger">Where commands are told that took longer.</param>
public sealed partial class EndpointStop(
    Func<EnvelopeReplies> replies, TimeProvider time, ILogger<EndpointStop> logger)
    : IHostedLifecycleService, IReceiveEndpointObserver
{
    /// <summary>
    /// Longer than a commit takes, and half of what a process has to stop: without a majority nothing comes,
    /// and the rest has to be closed in order.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(1_500);

    /// <summary>For the answers that are there, also when the time for those to come is used up.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly HashSet<IReceiveEndpoint> _endpoints = [];

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        IReceiveEndpoint[] endpoints;
        lock (_gate)
        {
            endpoints = [.. _endpoints];
        }
        await Task.WhenAll(endpoints.Select(endpoint => StopAsync(endpoint, either.Token)));
        if (endpoints.Length > 0)
        {
            using var flush = new CancellationTokenSource(FlushLimit, time);
            using var leave = CancellationTokenSource.CreateLinkedTokenSource(flush.Token, cancellationToken);
            await replies().FlushAsync(leave.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task Ready(ReceiveEndpointReady ready)
    {
        ArgumentNullException.ThrowIfNull(ready);
        lock (_gate)
        {
            _endpoints.Add(ready.ReceiveEndpoint);
        }
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    private async Task StopAsync(IReceiveEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            await endpoint.Stop(cancellationToken).WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogNotStopped(endpoint.InputAddress.AbsolutePath, failure.Message);
        }
    }

    [LoggerMessage(9025, LogLevel.Warning,
        "The endpoint {Endpoint} did not stop in time; commands under way are not answered, and their "
        + "senders send them again: {Why}")]
    private partial void LogNotStopped(string endpoint, string why);
}

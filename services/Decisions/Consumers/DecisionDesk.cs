using MassTransit;
using Microsoft.Extensions.Logging;
using Muster.Contracts.Decisions;
using Muster.Hosting;
using Muster.Serving;

namespace Muster.Decisions.Consumers;

/// <summary>
/// A process's public endpoint for decisions: a replica of its that works takes each command. When the last
/// one has halted the endpoint stops, so that the other processes' replicas get all commands.
/// </summary>
/// <param name="sender">For answers while no replica works; not a replica's own, whose link is
/// closed.</param>
/// <param name="time">The clock of the stop.</param>
/// <param name="logger">Where a failed stop is told.</param>
public sealed partial class DecisionDesk(Func<IReplySender> sender, TimeProvider time, ILogger logger)
    : IReceiveEndpointObserver
{
    /// <summary>For what is under way, which has its answers by then.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly List<DecisionIntake> _working = [];
    private bool _hasHalted;
    private IReceiveEndpoint? _endpoint;

    public void Add(DecisionIntake intake)
    {
        lock (_gate)
        {
            _working.Add(intake);
        }
    }

    /// <summary>The replica has halted.</summary>
    public void Remove(DecisionIntake intake)
    {
        lock (_gate)
        {
            _hasHalted |= _working.Remove(intake);
        }
        StopIfHalted();
    }

    /// <summary>Completes when the command is answered.</summary>
    public Task TakeAsync(DecisionCommand command)
    {
        DecisionIntake? intake;
        bool hasHalted;
        lock (_gate)
        {
            intake = _working.Find(one => one.IsCaughtUp) ?? _working.FirstOrDefault();
            hasHalted = _hasHalted;
        }
        if (intake is not null)
        {
            return Settlement.Of(settled => intake.Take(command, settled));
        }
        if (DecisionCommands.ReplyToOf(command) is { } to)
        {
            var id = DecisionCommands.IdOf(command);
            sender().Send(to, DecisionCommands.Content(hasHalted
                ? DecisionCommands.Unknown(id)
                : DecisionCommands.Refused(
                    id, DecisionRefusal.NotKept, "The cluster's nodes keep no group for decisions.")));
        }
        return Task.CompletedTask;
    }

    public Task Ready(ReceiveEndpointReady ready)
    {
        ArgumentNullException.ThrowIfNull(ready);
        lock (_gate)
        {
            _endpoint = ready.ReceiveEndpoint;
        }
        StopIfHalted();
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    private void StopIfHalted()
    {
        IReceiveEndpoint? endpoint;
        lock (_gate)
        {
            endpoint = _hasHalted && _working.Count == 0 ? _endpoint : null;
        }
        if (endpoint is not null)
        {
            _ = StopAsync(endpoint);
        }
    }

    private async Task StopAsync(IReceiveEndpoint endpoint)
    {
        try
        {
            using var limit = new CancellationTokenSource(StopLimit, time);
            await endpoint.Stop(limit.Token);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogNotStopped(failure.Message);
        }
    }

    [LoggerMessage(6301, LogLevel.Warning,
        "The endpoint for decisions goes on after its last replica has halted, and answers unknown: {Why}")]
    private partial void LogNotStopped(string why);
}

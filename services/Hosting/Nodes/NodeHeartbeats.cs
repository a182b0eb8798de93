using Microsoft.Extensions.Hosting;
using Muster.Bus;
using Muster.Contracts.Detector;

namespace Muster.Hosting;

/// <summary>
/// Tells the detectors that this process lives, over a link of its own: regularly, at once after each
/// connect, and a last time when it stops on purpose.
/// </summary>
public sealed class NodeHeartbeats : IHostedService, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _node;
    private readonly string _incarnation = Guid.NewGuid().ToString("N")[..8];
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly string _exchange;
    private readonly IBusLink _link;
    private Task _running = Task.CompletedTask;
    private Task? _disposal;
    private long _number;
    private long _sentAt;

    /// <param name="node">The node's name: letters, digits, '.', '-', '_', ':'; at most 128.</param>
    /// <param name="interval">Between two heartbeats; zero sends none.</param>
    /// <param name="links">Makes the link.</param>
    /// <param name="time">The clock of intervals and lags.</param>
    public NodeHeartbeats(string node, TimeSpan interval, ILinkFactory links, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(links);
        (_node, _interval, _time) = (node, interval, time);
        _exchange = links.Names.NodeBeats;
        _link = links.Create(new LinkOptions
        {
            Address = $"node.{node}.{_incarnation}",
            OnMessage = _ => { },
            Publishes = [_exchange],
        });
        // The broker's word that the old connection is gone must not be taken for the end.
        _link.Up += _ => Beat(isFirst: true);
    }

    /// <summary>The present connection, as its heartbeats name it; empty while down.</summary>
    public string Connection => _link.Incarnation;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_interval > TimeSpan.Zero)
        {
            _running = RunAsync(_stop.Token);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposal ??= DisposeCoreAsync();
        }
        return new ValueTask(_disposal);
    }

    private async Task DisposeCoreAsync()
    {
        await Task.Yield();
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Beat(isLast: true);
        await _link.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>A process without a bus runs all the same; its heartbeats begin when there is one.</summary>
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await _link.StartAsync(cancellationToken);
        using var timer = new PeriodicTimer(_interval, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Beat();
        }
    }

    private void Beat(bool isFirst = false, bool isLast = false)
    {
        lock (_gate)
        {
            if (!_link.IsUp)
            {
                return; // and none is counted: a number that nobody could hear says nothing
            }
            var now = _time.GetTimestamp();
            // Only what the process itself is late by: the link was down before a first one.
            var lag = isFirst || isLast
                ? TimeSpan.Zero
                : _time.GetElapsedTime(_sentAt, now) - _interval;
            _sentAt = now;
            _link.Publish(
                _exchange,
                new Heartbeat
                {
                    Node = _node,
                    Incarnation = _incarnation,
                    Number = ++_number,
                    IntervalMilliseconds = (long)_interval.TotalMilliseconds,
                    LagMilliseconds = Math.Max(0, (long)lag.TotalMilliseconds),
                    Connection = _link.Incarnation,
                    IsLast = isLast,
                },
                new SendOptions { TimeToLive = _interval * 2 });
        }
    }
}

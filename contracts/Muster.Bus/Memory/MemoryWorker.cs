using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>
/// One link's share in a work queue: hands it the messages, one after the other, on a task of its own.
/// </summary>
internal sealed class MemoryWorker
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly MemoryWorkQueue _from;
    private readonly WorkQueue _queue;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly LogThrottle _faultLog;
    private readonly Channel<WorkItem> _items;
    private readonly Task _running;
    private volatile bool _stopping;

    public MemoryWorker(MemoryWorkQueue from, WorkQueue queue, ILogger logger, TimeProvider time)
    {
        (_from, _queue, _logger, _time) = (from, queue, logger, time);
        _faultLog = new LogThrottle(time, TimeSpan.FromSeconds(5));
        // No bound of its own, because the queue counts what is out against the prefetch.
        _items = Channel.CreateUnbounded<WorkItem>(new UnboundedChannelOptions { SingleReader = true });
        _running = Task.Run(RunAsync);
    }

    public int Prefetch => _queue.Prefetch;

    /// <summary>By number, so that they go back in their order. Only under the queue's lock.</summary>
    public SortedDictionary<long, WorkItem> Unacknowledged { get; } = [];

    /// <summary>Takes its part from now on.</summary>
    public void Start() => _from.Add(this);

    public void Post(WorkItem item) => _items.Writer.TryWrite(item);

    public async Task StopAsync()
    {
        _stopping = true;
        _items.Writer.TryComplete();
        // First our handler ends, then another gets the messages; bounded, because the handler itself may be
        // who stops us.
        await Task.WhenAny(_running, Task.Delay(StopTimeout, _time)).ConfigureAwait(false);
        _from.Remove(this);
    }

    private async Task RunAsync()
    {
        await foreach (var item in _items.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (!_stopping)
            {
                Handle(item);
            }
        }
    }

    private void Handle(WorkItem item)
    {
        var message = item.Frame.ToMessage(
            item.Redelivered,
            _ => _from.Settle(this, item, null),
            _ => _from.Settle(this, item, "rejected by its consumer"));
        if (message is null)
        {
            _from.Settle(this, item, "its type is no contract");
            return;
        }
        try
        {
            _queue.OnMessage(message);
        }
        catch (Exception exception)
        {
            if (_faultLog.Allows(out var suppressed))
            {
                _logger.HandlerFailed(_queue.Name, message.Type, suppressed, exception);
            }
            _from.Settle(this, item, $"{exception.GetType().Name}: {exception.Message}");
        }
    }
}

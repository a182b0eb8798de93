using Microsoft.Extensions.Logging;

namespace Muster.Views;

/// <summary>
/// Lets calls to Redis through while they succeed. After a failure calls fail at once, but for one in each
/// interval that tries whether Redis is back: whoever waits for a dead Redis waits once, not always.
/// </summary>
internal sealed partial class CallGate(string what, RedisOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Calls under way at most: a slow Redis gathers no crowd.</summary>
    private const int MaxCalls = 1_024;

    private readonly ILogger _logger = logger;
    private readonly Lock _gate = new();
    private bool _isOpen = true;
    private long _triedAt;
    private int _calls;

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _isOpen;
            }
        }
    }

    /// <returns>Whether the call succeeded in time, and what it gave.</returns>
    /// <exception cref="OperationCanceledException">Before or during the call.</exception>
    public async ValueTask<(bool Succeeded, T? Result)> CallAsync<T>(
        Func<Task<T>> call, CancellationToken cancellationToken)
    {
        // A call that has completed by the time it is waited for would hide it.
        cancellationToken.ThrowIfCancellationRequested();
        if (!TryEnter())
        {
            return default;
        }
        Task<T>? under = null;
        try
        {
            under = call();
            var result = await under.WaitAsync(options.Timeout, time, cancellationToken)
                .ConfigureAwait(false);
            Succeed();
            return (true, result);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // It may fail later, when nobody waits for it any more.
            _ = under?.ContinueWith(
                late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            Fail(exception);
            return default;
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _calls) <= MaxCalls && MayCall())
        {
            return true;
        }
        Interlocked.Decrement(ref _calls);
        return false;
    }

    private bool MayCall()
    {
        lock (_gate)
        {
            if (_isOpen)
            {
                return true;
            }
            if (time.GetElapsedTime(_triedAt) < options.RetryAfter)
            {
                return false;
            }
            _triedAt = time.GetTimestamp();
            return true;
        }
    }

    private void Succeed()
    {
        lock (_gate)
        {
            if (_isOpen)
            {
                return;
            }
            _isOpen = true;
        }
        LogBack(what);
    }

    private void Fail(Exception exception)
    {
        lock (_gate)
        {
            _triedAt = time.GetTimestamp();
            if (!_isOpen)
            {
                return;
            }
            _isOpen = false;
        }
        LogLost(what, exception.GetType().Name, exception.Message);
    }

    [LoggerMessage(6112, LogLevel.Information, "Redis can {What} views again")]
    private partial void LogBack(string what);

    [LoggerMessage(6113, LogLevel.Warning, "Redis cannot {What} views, and is tried again: {Kind}: {Why}")]
    private partial void LogLost(string what, string kind, string why);
}

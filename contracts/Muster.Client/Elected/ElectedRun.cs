using Microsoft.Extensions.Logging;

namespace Muster.Client;

/// <summary>One run of elected work, under one leadership.</summary>
internal sealed class ElectedRun
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _token;
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ElectedRun(
        ILeadership leadership, Func<LeaderContext, CancellationToken, Task> execute,
        CancellationToken stopping)
    {
        Context = new LeaderContext(leadership);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, leadership.Lost);
        _token = _stop.Token;
        _token.UnsafeRegister(told => ((TaskCompletionSource)told!).TrySetResult(), _told);
        // On a thread of its own from the first line: what it blocks must not be whoever tells it to stop.
        Work = Task.Run(() => execute(Context, _token), _token);
    }

    public LeaderContext Context { get; }

    public Task Work { get; }

    /// <summary>Done when the work is told to stop.</summary>
    public Task Told => _told.Task;

    public bool IsTold => _token.IsCancellationRequested;

    /// <summary>
    /// The work has returned. What it left running is told so, before this returns; its callbacks run on.
    /// </summary>
    public async Task EndAsync(ILogger logger)
    {
        Context.Resign();
        await _stop.CancelAsync(logger).ConfigureAwait(false);
        _stop.Dispose();
    }
}

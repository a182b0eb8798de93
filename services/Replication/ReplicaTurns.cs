namespace Muster.Replication;

/// <summary>What happens to a replica, to be awaited by its owner.</summary>
internal sealed class ReplicaTurns
{
    // Continuations run elsewhere: the loop must not run its owner's code.
    private const TaskCreationOptions Elsewhere = TaskCreationOptions.RunContinuationsAsynchronously;

    private readonly TaskCompletionSource _caughtUp = new(Elsewhere);
    private readonly TaskCompletionSource<string> _faulted = new(Elsewhere);
    private volatile TaskCompletionSource<string> _halted = new(Elsewhere);

    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Another one after each halt: one that has gone on may halt again.</summary>
    public Task<string> Halted => _halted.Task;

    public Task<string> Faulted => _faulted.Task;

    public void Notice(ReplicaStatus status)
    {
        if (status.IsCaughtUp)
        {
            _caughtUp.TrySetResult();
        }
        if (status.View.Halt.Length > 0)
        {
            _halted.TrySetResult(status.View.Halt);
        }
        else if (_halted.Task.IsCompleted)
        {
            _halted = new(Elsewhere);
        }
        if (status.Fault is { } fault)
        {
            _faulted.TrySetResult(fault);
        }
    }
}

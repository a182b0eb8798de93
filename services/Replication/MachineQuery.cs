using Muster.Contracts;

namespace Muster.Replication;

/// <summary>A question to the machine on its way to the loop.</summary>
internal abstract class MachineQuery
{
    /// <summary>Waits for a ReadIndex; otherwise it runs on the machine as it is.</summary>
    public required bool IsLinearizable { get; init; }

    public abstract void Run(object machine, LogIndex index);

    public abstract void GiveUp();
}

internal sealed class MachineQuery<TMachine, TResult>(Func<TMachine, TResult> query) : MachineQuery
{
    // Continuations run elsewhere: the loop must not run its callers' code.
    private readonly TaskCompletionSource<QueryAnswer<TResult>> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<QueryAnswer<TResult>> Answer => _completion.Task;

    public override void Run(object machine, LogIndex index)
    {
        try
        {
            var result = query((TMachine)machine);
            _completion.TrySetResult(new() { IsKnown = true, Result = result, Index = index });
        }
        catch (Exception exception)
        {
            // The query's own fault is its caller's; the machine is only read.
            _completion.TrySetException(exception);
        }
    }

    public override void GiveUp() => _completion.TrySetResult(default);
}

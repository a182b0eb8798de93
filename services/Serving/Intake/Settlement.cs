namespace Muster.Serving;

/// <summary>Between MassTransit, which awaits a consumer, and an intake, which calls back.</summary>
public static class Settlement
{
    /// <summary>Completes when the command that <paramref name="take"/> hands over is answered.</summary>
    public static Task Of(Action<Action> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        // Continuations run elsewhere: the replica's loop settles, and must not run a consumer's code.
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        take(settled.SetResult);
        return settled.Task;
    }
}

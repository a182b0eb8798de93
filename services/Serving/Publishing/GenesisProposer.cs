using Muster.Replication;

namespace Muster.Serving;

/// <summary>
/// Founds the group, once in each life of its log. Every replica may propose it; the machine takes the first.
/// </summary>
/// <param name="runtime">The replica.</param>
/// <param name="genesis">A genesis of now: what it says of time must not be older than its proposal.</param>
/// <param name="time">The clock of the retries.</param>
public sealed class GenesisProposer<TCommand, TEffect>(
    ReplicaRuntime<TCommand, TEffect> runtime, Func<TCommand> genesis, TimeProvider time)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);

    // While a new log has no genesis its commands are refused: no longer than this after it was met.
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when the machine is initialized, by whomever.</summary>
    public async Task FoundAsync(CancellationToken cancellationToken)
    {
        while (!runtime.Status.IsInitialized)
        {
            var isProposed = runtime.IsCaughtUp && runtime.TrySubmit(genesis());
            await Task.Delay(isProposed ? Retry : Watch, time, cancellationToken);
        }
    }

    /// <summary>
    /// Founds the group again whenever its log was replaced by that of a cluster that was bootstrapped anew,
    /// and the machine with it. Runs until it is cancelled.
    /// </summary>
    public async Task KeepFoundedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Watch, time, cancellationToken);
            await FoundAsync(cancellationToken);
        }
    }
}

using Muster.Lock.Machine;
using Muster.Replication;
using Muster.Replication.Core;

namespace Muster.Lock.Timers;

/// <summary>
/// Creates the group's state once: the token floor above UTC seconds times 2^20, so that tokens
/// outgrow those of any group of these names that was lost before. Every replica may propose
/// it; the machine takes the first.
/// </summary>
public sealed class GenesisProposer(
    LockServiceOptions options, ReplicaRuntime<LockEntryCommand, LockEffect> runtime, TimeProvider time)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when the machine is initialized, by whomever.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!await runtime.InspectAsync((LockMachine machine) => machine.IsInitialized, cancellationToken))
        {
            if (runtime.IsCaughtUp)
            {
                runtime.TrySubmit(new LockEntryCommand { Genesis = Create() });
            }
            await Task.Delay(Retry, time, cancellationToken);
        }
    }

    private Genesis Create() => new()
    {
        Group = options.Group,
        ClusterId = options.ClusterId,
        TokenFloor = time.GetUtcNow().ToUnixTimeSeconds() << 20,
        CommandWindowMilliseconds = (long)options.CommandWindow.TotalMilliseconds,
    };
}

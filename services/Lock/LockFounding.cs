using Muster.Hosting;
using Muster.Lock.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Lock;

/// <summary>
/// Founds a group of the lock service, or finds it founded, and holds the number of groups that its log says
/// against the configuration's. The first group is the one that a process of whatever number meets, so the
/// others are founded only once that number is known to be the cluster's.
/// </summary>
internal sealed class LockFounding(
    LockServiceOptions options, int number, ReplicaRuntime<LockEntryCommand, LockEffect> runtime,
    TimeProvider time)
{
    // While a new log has no genesis its commands are refused: no longer than this after it was met.
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(100);

    private readonly GenesisProposer<LockEntryCommand, LockEffect> _proposer = new(
        runtime,
        () => new LockEntryCommand
        {
            Genesis = GenesisOf(options, number, time, runtime.Status.View.ElectionMaxMilliseconds),
        },
        time);

    private readonly TaskCompletionSource _founded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _checkedLog = "";

    /// <summary>Completes when the group is founded for as many groups as are configured.</summary>
    public Task Founded => _founded.Task;

    /// <param name="first">The first group's <see cref="Founded"/>.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="StartRefusedException">The log says another number.</exception>
    public async Task FoundAsync(Task first, CancellationToken cancellationToken)
    {
        if (!runtime.Status.IsInitialized)
        {
            await first.WaitAsync(cancellationToken);
        }
        do
        {
            await _proposer.FoundAsync(cancellationToken);
        }
        while (!await CheckAsync(cancellationToken));
        _founded.TrySetResult();
    }

    /// <summary>
    /// Founds the group again whenever its log was replaced by that of a cluster that was bootstrapped anew,
    /// and looks at what others have founded there. Runs until it is cancelled.
    /// </summary>
    public async Task KeepFoundedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Watch, time, cancellationToken);
            if (!runtime.Status.IsInitialized || runtime.Status.View.LogId != _checkedLog)
            {
                await FoundAsync(Task.CompletedTask, cancellationToken);
            }
        }
    }

    /// <returns>False: the log was replaced meanwhile, and its machine is not founded.</returns>
    private async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        var log = runtime.Status.View.LogId;
        var groups = await runtime.InspectAsync((LockMachine machine) => machine.Groups, cancellationToken);
        if (groups == 0)
        {
            return false;
        }
        if (groups != options.Groups)
        {
            throw new StartRefusedException(
                $"The log of {options.GroupNames[number]} was founded for {groups} lock groups, and "
                + $"{LockServiceOptions.Section}:Groups is {options.Groups}. Set it to {groups}: locks are "
                + "spread over the groups by their names, so another number needs another cluster.");
        }
        _checkedLog = log;
        return true;
    }

    /// <summary>
    /// The token floor is above UTC seconds times 2^20 and the epoch is of now, so that tokens outgrow those
    /// of any group of these names that was lost before, and its views are replaced by this one's.
    /// </summary>
    private static Genesis GenesisOf(
        LockServiceOptions options, int number, TimeProvider time, long electionMaxMilliseconds) => new()
        {
            Group = options.GroupNames[number],
            Groups = options.Groups,
            Number = number,
            ClusterId = options.ClusterId,
            Epoch = time.GetUtcNow().ToUnixTimeMilliseconds(),
            TokenFloor = time.GetUtcNow().ToUnixTimeSeconds() << 20,
            CommandWindowMilliseconds = (long)options.CommandWindow.TotalMilliseconds,
            Takeover = TakeoverBounds.For(electionMaxMilliseconds),
        };
}

using System.CommandLine;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;
using Muster.Load.Stage;
using Muster.Load.Workloads;

namespace Muster.Load.Locking;

/// <summary>
/// What many held locks cost: memory of a lock replica, processor time of a round of renewals, and the rate
/// of lock cycles beside them and without them.
/// </summary>
internal sealed class CrowdWorkload : IWorkload
{
    private const int Rounds = 30;
    private const double LeastShareOfRate = 0.8;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Option<int> _sessions = NewOption("--sessions", "Sessions", 10_000, 100_000);
    private readonly Option<int> _locks = NewOption("--locks", "Locks that they hold", 100_000, 900_000);
    private readonly Option<int> _ttl = NewOption("--ttl", "Their TTL in seconds", 15, 3_600);

    public string Name => "crowd";

    public string Description =>
        "100,000 held locks of 10,000 sessions: memory per lock, what renewals cost, and the rate of lock "
        + "cycles beside them.";

    public IReadOnlyList<Option> Options => [_sessions, _locks, _ttl];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        var (sessions, locks) = (context.Arguments.GetValue(_sessions), context.Arguments.GetValue(_locks));
        var ttl = TimeSpan.FromSeconds(context.Arguments.GetValue(_ttl));
        // Twice: the first is of code that is not compiled yet, in every process.
        await LocksWorkload.SideBySideAsync(context, "64 workers on 64 names, first", cancellationToken);
        var alone = await LocksWorkload.SideBySideAsync(
            context, "64 workers on 64 names, without the crowd", cancellationToken);
        var idle = await IdleCoresAsync(context, cancellationToken);
        var before = await LeastMemoryAsync(context, cancellationToken);
        await using var crowd = await Crowd.StartAsync(context.Cluster, sessions, ttl, cancellationToken);
        await FillAsync(context, crowd, sessions, locks, cancellationToken);
        await RenewalsAsync(context, crowd, (sessions, locks), idle, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = crowd.KeepAsync(stop.Token);
        var beside = await LocksWorkload.SideBySideAsync(
            context, "64 workers on 64 names, beside the crowd", cancellationToken);
        var after = await LeastMemoryAsync(context, cancellationToken);
        await stop.CancelAsync();
        await keeping;
        await StillHeldAsync(crowd, locks, cancellationToken);
        context.Report.Note(FormattableString.Invariant(
            $"crowd: a lock replica takes {PerLock(one => one.WorkingSet):N0} bytes of working set for each ")
            + FormattableString.Invariant(
                $"lock and its share of a session, {PerLock(one => one.Managed):N0} of them managed: ")
            + $"{Mebibytes(before.WorkingSet)} and {Mebibytes(before.Managed)} MiB before, "
            + $"{Mebibytes(after.WorkingSet)} and {Mebibytes(after.Managed)} MiB with {locks:N0} locks.");
        var share = beside[^1].PerSecond / alone[^1].PerSecond;
        context.Report.Note(FormattableString.Invariant(
            $"crowd: {share:P0} of the cycles a second that there are without it, while its sessions are ")
            + FormattableString.Invariant($"renewed every {crowd.Interval.TotalSeconds:N1} s."));
        if (share < LeastShareOfRate)
        {
            throw new LoadException($"The crowd takes more than {1 - LeastShareOfRate:P0} of the rate.");
        }

        double PerLock(Func<MemoryUse, long> of) => (of(after) - of(before)) / (double)locks;
    }

    private static Option<int> NewOption(string name, string what, int number, int most)
    {
        var option = new Option<int>(name)
        {
            Description = FormattableString.Invariant($"{what}, 1 to {most}."),
            DefaultValueFactory = _ => number,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < 1 || value > most))
            {
                result.AddError(FormattableString.Invariant($"{name} takes 1 to {most}."));
            }
        });
        return option;
    }

    private static async Task FillAsync(
        LoadContext context, Crowd crowd, int sessions, int locks, CancellationToken cancellationToken)
    {
        context.Progress.Show("crowd: opening the sessions");
        var opening = Clock.Now;
        await crowd.OpenSessionsAsync(cancellationToken);
        var opened = Clock.Since(opening);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = crowd.KeepAsync(stop.Token);
        context.Progress.Show("crowd: acquiring the locks");
        var acquiring = Clock.Now;
        await crowd.AcquireAsync(locks, cancellationToken);
        var acquired = Clock.Since(acquiring);
        await stop.CancelAsync();
        await keeping;
        await StillHeldAsync(crowd, locks, cancellationToken);
        context.Report.Note(FormattableString.Invariant(
            $"crowd: {sessions:N0} sessions opened at {sessions / opened.TotalSeconds:N0} /s, {locks:N0} ")
            + FormattableString.Invariant($"locks acquired at {locks / acquired.TotalSeconds:N0} /s, ")
            + "a batch of 1,000 commands at a time.");
    }

    private static async Task StillHeldAsync(Crowd crowd, int locks, CancellationToken cancellationToken)
    {
        if (await crowd.RenewAsync(cancellationToken) is var held && held != locks)
        {
            throw new LoadException($"The crowd holds {held} locks and not {locks}.");
        }
    }

    /// <summary>One round after the other, so that the machine's rest is not in it.</summary>
    private static async Task RenewalsAsync(
        LoadContext context, Crowd crowd, (int Sessions, int Locks) size, Cores idle,
        CancellationToken cancellationToken)
    {
        context.Progress.Show("crowd: renewing");
        await crowd.RenewAsync(cancellationToken);
        var cpu = new CpuMeter(() => context.Cluster.ProcessIds);
        var (started, first) = (Clock.Now, cpu.Read());
        for (var round = 0; round < Rounds; round++)
        {
            await crowd.RenewAsync(cancellationToken);
        }
        var (took, last) = (Clock.Since(started), cpu.Read());
        var cores = first.Until(last, took);
        var milliseconds = (cores.Services - idle.Services) * took.TotalMilliseconds / Rounds;
        context.Report.Note(FormattableString.Invariant(
            $"crowd: a round of renewals of {size.Sessions:N0} sessions with {size.Locks:N0} locks takes ")
            + FormattableString.Invariant($"{took.TotalMilliseconds / Rounds:N0} ms and ")
            + FormattableString.Invariant(
                $"{milliseconds:N0} ms of processor time of all services together, ")
            + FormattableString.Invariant($"{1000 * milliseconds / size.Sessions:N0} us a session; it is ")
            + FormattableString.Invariant($"due every {crowd.Interval.TotalSeconds:N1} s."));
    }

    private static async Task<Cores> IdleCoresAsync(LoadContext context, CancellationToken cancellationToken)
    {
        context.Progress.Show("crowd: at rest");
        await Clock.Wait(context.Window / 2, cancellationToken); // what the load before it has left to do
        var cpu = new CpuMeter(() => context.Cluster.ProcessIds);
        var (started, first) = (Clock.Now, cpu.Read());
        await Clock.Wait(context.Window / 2, cancellationToken);
        return first.Until(cpu.Read(), Clock.Since(started));
    }

    /// <summary>
    /// The least that a lock replica says of itself in a window: garbage that waits for its collection comes
    /// and goes.
    /// </summary>
    private static async Task<MemoryUse> LeastMemoryAsync(
        LoadContext context, CancellationToken cancellationToken)
    {
        var replica = context.Cluster.Service("lock-r1");
        var started = Clock.Now;
        var least = new MemoryUse(long.MaxValue, long.MaxValue);
        while (Clock.Since(started) < context.Window)
        {
            context.Progress.Show("crowd: looking at a replica's memory");
            var now = await replica.MemoryAsync(cancellationToken);
            least = new MemoryUse(
                Math.Min(least.WorkingSet, now.WorkingSet), Math.Min(least.Managed, now.Managed));
            await Clock.Wait(Look, cancellationToken);
        }
        return least;
    }

    private static string Mebibytes(long bytes) =>
        FormattableString.Invariant($"{bytes / 1024.0 / 1024:N0}");
}

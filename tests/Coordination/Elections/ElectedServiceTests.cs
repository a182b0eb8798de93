using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Muster.Worker;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Elections;

/// <summary>
/// Three processes with one leader-elected service, which writes to a guarded ledger all the time; the leader
/// is stopped, killed and paused.
/// </summary>
public sealed class ElectedServiceTests(ElectedServiceTests.ElectionStack stack)
    : IClassFixture<ElectedServiceTests.ElectionStack>
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    // The log's time goes on by ticks of a second, and the machine may be slow.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_stop_hands_over_far_below_the_TTL_and_a_kill_after_it_and_there_is_one_at_a_time()
    {
        var cluster = await stack.WholeAsync();
        using var ledger = new GuardedLedger(Path.Combine(cluster.Folder, "elected.db"));
        var processes = Start(cluster, "elected", 3, ledger);
        await using var one = processes[0];
        await using var two = processes[1];
        await using var three = processes[2];
        var (first, firstLine) = await NextLeaderAsync(processes);
        await Task.WhenAll(processes.Except([first]).Select(process => StandsAsync(cluster, process)));

        var stoppedAt = TimeProvider.System.GetTimestamp();
        var ending = first.StopAsync(MusterCluster.Patience);
        var (second, secondLine) = await NextLeaderAsync([.. processes.Except([first])]);
        var afterStop = TimeProvider.System.GetElapsedTime(stoppedAt);
        (await ending).ShouldBe(0);

        var killedAt = TimeProvider.System.GetTimestamp();
        second.Kill9();
        var (third, thirdLine) = await NextLeaderAsync([.. processes.Except([first, second])]);
        var afterKill = TimeProvider.System.GetElapsedTime(killedAt);
        (await third.StopAsync(MusterCluster.Patience)).ShouldBe(0);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"TTL {Ttl}: led by the next {afterStop.TotalMilliseconds:F0} ms after SIGTERM, "
            + $"{afterKill.TotalMilliseconds:F0} ms after SIGKILL");
        afterStop.ShouldBeLessThan(Ttl / 4);
        // The last renewal may be a third of a TTL old at the kill, and no older.
        afterKill.ShouldBeInRange(Ttl / 2, Ttl + Bound);
        secondLine.Token.ShouldBeGreaterThan(firstLine.Token);
        thirdLine.Token.ShouldBeGreaterThan(secondLine.Token);
        (await NextAsync(first, WorkerAct.Finished)).Token.ShouldBe(firstLine.Token);
        ledger.Results().Select(result => result.Token).Distinct()
            .ShouldBe([firstLine.Token, secondLine.Token, thirdLine.Token]);
        ledger.Refusals().ShouldBeEmpty("nobody was paused: no two ran at a time");
    }

    [Fact]
    public async Task A_paused_leader_is_followed_and_refused_and_stands_again()
    {
        var cluster = await stack.WholeAsync();
        using var ledger = new GuardedLedger(Path.Combine(cluster.Folder, "paused.db"));
        var processes = Start(cluster, "paused", 2, ledger);
        await using var one = processes[0];
        await using var two = processes[1];
        var (first, firstLine) = await NextLeaderAsync(processes);
        var other = processes.Except([first]).Single();
        await StandsAsync(cluster, other);

        await PauseBetweenWritesAsync(first, ledger);
        var (_, otherLine) = await NextLeaderAsync([other]);
        first.Resume();

        (await NextAsync(first, WorkerAct.Refused)).Token.ShouldBe(firstLine.Token);
        (await NextAsync(first, WorkerAct.Lost)).Token.ShouldBe(firstLine.Token);
        await StandsAsync(cluster, first);
        var mark = first.LineCount;
        (await other.StopAsync(MusterCluster.Patience)).ShouldBe(0);
        var again = await NextAsync(first, WorkerAct.Held, mark);
        again.Token.ShouldBeGreaterThan(otherLine.Token);
        (await first.StopAsync(MusterCluster.Patience)).ShouldBe(0);
        // Only what it had under way when it went on: an unguarded resource would have taken it.
        ledger.Refusals().Select(refusal => refusal.Token).Distinct().ShouldBe([firstLine.Token]);
        ledger.Results().Select(result => result.Token).Distinct()
            .ShouldBe([firstLine.Token, otherLine.Token, again.Token]);
    }

    private static async Task PauseBetweenWritesAsync(ServiceProcess process, GuardedLedger ledger)
    {
        process.Pause();
        while (!ledger.IsFree())
        {
            process.Resume();
            await Task.Delay(
                TimeSpan.FromMilliseconds(3), TimeProvider.System, TestContext.Current.CancellationToken);
            process.Pause();
        }
    }

    private static ServiceProcess[] Start(
        MusterCluster cluster, string election, int count, GuardedLedger ledger) =>
    [
        .. Enumerable.Range(1, count).Select(number => WorkerProcess.StartElected(
            cluster, $"{election}-{number}", ledger.Path, election, Ttl)),
    ];

    private static async Task<(ServiceProcess Process, WorkerLine Line)> NextLeaderAsync(
        IReadOnlyList<ServiceProcess> processes)
    {
        var waiting = processes.Select(async process => (process, await NextAsync(process, WorkerAct.Held)))
            .ToList();
        return await await Task.WhenAny(waiting);
    }

    private static async Task<WorkerLine> NextAsync(ServiceProcess process, WorkerAct act, long after = 0) =>
        WorkerLine.TryParse(await process.WaitForLineAsync(
            line => WorkerLine.TryParse(line)?.Act == act, $"no line of {act}", MusterCluster.Patience,
            after))!;

    /// <summary>The process waits in the election's queue.</summary>
    private static async Task StandsAsync(MusterCluster cluster, ServiceProcess process)
    {
        await using var client = cluster.NewClient("look");
        var election = process.Name[..process.Name.LastIndexOf('-')];
        await Until.TrueAsync(
            async () => (await client.Locks.DescribeAsync("muster:election:" + election)).Waiters
                .Any(waiter => waiter.Owner == process.Name),
            MusterCluster.Patience, () => $"{process.Name} does not stand for {election}");
    }

    public sealed class ElectionStack(BrokerFixture brokers) : Stack(brokers, new ClusterOptions());
}

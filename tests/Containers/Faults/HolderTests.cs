using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Muster.Cluster.Load;
using Muster.Contracts;
using Muster.Worker;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>Processes that hold a lock and are killed or paused while they do.</summary>
public sealed class HolderTests(BrokerFixture brokers, SharedCluster shared)
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_holders_lock_passes_on_after_its_TTL_and_its_late_write_is_refused()
    {
        const string Name = "holder/killed";
        var cluster = await shared.WholeAsync(brokers);
        using var ledger = new GuardedLedger(Path.Combine(cluster.Folder, "killed.db"));
        await using var client = cluster.NewClient("next");
        await client.ConnectAsync(Cancellation);
        await using var worker = Start(cluster, ledger, Name, hold: TimeSpan.FromMinutes(1));
        var held = await NextAsync(worker, WorkerAct.Held);
        var started = TimeProvider.System.GetTimestamp();
        var waiting = client.Locks.AcquireAsync(Name, cancellationToken: Cancellation).AsTask();

        worker.Kill9();

        await using var next = await waiting.WaitAsync(
            MusterCluster.Patience, TimeProvider.System, Cancellation);
        // The last renewal may be a third of a TTL old when the process dies, and no older.
        TimeProvider.System.GetElapsedTime(started).ShouldBeInRange(Ttl / 2, Ttl * 3);
        next.FencingToken.ShouldBeGreaterThan(new FencingToken(held.Token));
        ledger.Enter(Name, next.FencingToken);
        // What the dead process had on its way to the resource.
        ledger.TryWrite(Name, held.Token, new FencingToken(held.Token), held.Worker).ShouldBeFalse();
        WriteAs(next, ledger);
        OnlyRefusedOf(ledger, held.Token);
    }

    [Fact]
    public async Task A_holder_paused_past_its_TTL_is_told_that_it_lost_and_its_write_is_refused()
    {
        const string Name = "holder/paused";
        var cluster = await shared.WholeAsync(brokers);
        using var ledger = new GuardedLedger(Path.Combine(cluster.Folder, "paused.db"));
        await using var client = cluster.NewClient("next");
        await client.ConnectAsync(Cancellation);
        await using var worker = Start(cluster, ledger, Name, hold: TimeSpan.FromSeconds(1));
        var held = await NextAsync(worker, WorkerAct.Held);

        worker.Pause();
        await using (var next = await client.Locks.AcquireAsync(Name, MusterCluster.Patience, Cancellation))
        {
            next.FencingToken.ShouldBeGreaterThan(new FencingToken(held.Token));
            ledger.Enter(Name, next.FencingToken);
            WriteAs(next, ledger);
            worker.Resume();

            (await NextAsync(worker, WorkerAct.Lost)).Token.ShouldBe(held.Token);
            (await NextAsync(worker, WorkerAct.Refused)).Token.ShouldBe(held.Token);
            next.IsLost.ShouldBeFalse();
        }

        OnlyRefusedOf(ledger, held.Token);
        // Told of its loss, the process goes on by itself under a new session.
        (await NextAsync(worker, WorkerAct.Written)).Token.ShouldBeGreaterThan(held.Token);
    }

    private static ServiceProcess Start(
        MusterCluster cluster, GuardedLedger ledger, string name, TimeSpan hold) =>
        ServiceProcess.Start(ServiceProcessOptions.Service(
            "tests/Worker/Muster.Worker.csproj", "worker",
            new WorkerSettings(
                "worker", cluster.Broker.Uri, cluster.Name, ledger.Path, name, Ttl, hold, Rounds: 2)
                .ToArguments()));

    private static async Task<WorkerLine> NextAsync(ServiceProcess worker, WorkerAct act) =>
        WorkerLine.TryParse(await worker.WaitForLineAsync(
            line => WorkerLine.TryParse(line)?.Act == act, $"no line of {act}", MusterCluster.Patience))!;

    private static void WriteAs(ILockHandle handle, GuardedLedger ledger) =>
        ledger.TryWrite(handle.Name, handle.FencingToken.Value, handle.FencingToken, "next").ShouldBeTrue();

    /// <summary>An unguarded resource would have taken this write after the newer holder came.</summary>
    private static void OnlyRefusedOf(GuardedLedger ledger, long token)
    {
        ledger.Refusals().ShouldHaveSingleItem().Token.ShouldBe(token);
        ledger.Results().ShouldNotContain(result => result.Token == token);
    }
}

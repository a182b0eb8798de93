using System.Globalization;
using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Muster.Unit.Tests.Lock;
using Muster.Unit.Tests.Recovery;
using Muster.Unit.Tests.Registry;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class BoundTests
{
    private const int Flood = 500;
    private const int Limit = 20;

    /// <summary>What a flood leaves in a list; each takes one more item with each call.</summary>
    private static IReadOnlyList<(string Name, Func<int> Flooded)> Lists =>
    [
        ("the arrival window", Window),
        ("the event ring", Ring),
        ("the judge's nodes", Nodes),
        ("a replica's waiting commands", WaitingCommands),
        ("a replica's open reads", OpenReads),
        ("a lock's waiters", Waiters),
        ("the lock outbox", LockOutbox),
        ("the registry outbox", RegistryOutbox),
        ("the recovery outbox", RecoveryOutbox),
    ];

    /// <summary>The tutorial's fault: lists that only grow.</summary>
    [Fact]
    public void A_flood_leaves_every_list_within_its_limit()
    {
        foreach (var (name, flooded) in Lists)
        {
            StaysWithin(flooded).ShouldBeTrue(name);
        }

        StaysWithin(TutorialHistory).ShouldBeFalse();
    }

    /// <summary>Full, and no more than full: a list that took nothing would prove nothing.</summary>
    private static bool StaysWithin(Func<int> flooded) => flooded() == Limit;

    private static int TutorialHistory()
    {
        var history = new List<long>();
        for (var number = 0; number < Flood; number++)
        {
            history.Add(number);
        }
        return history.Count;
    }

    private static int Window()
    {
        var window = new ArrivalWindow(1_000_000, Limit);
        Times(number => window.Add(number));
        return window.Count;
    }

    private static int Ring()
    {
        var ring = new EventRing<string>();
        Times(number => ring.Add(Text(number), Limit));
        return ring.Kept.Count();
    }

    private static int Nodes()
    {
        var judge = new Judge(
            new() { Suspicion = new PhiAccrual(100_000, 0), MostNodes = Limit }, "d1", "i");
        judge.Link(isUp: true);
        Times(number => judge.Hear(
            new Heartbeat
            {
                Node = $"n{Text(number)}",
                Incarnation = "i",
                Number = 1,
                IntervalMilliseconds = 1_000,
            },
            number));
        return judge.Nodes.Count;
    }

    private static int WaitingCommands()
    {
        var bench = CoreBench.Live(options => options with
        {
            MaxPendingCommands = Limit,
            MaxInflightProposals = 1,
            MaxBatchCommands = 1,
        });
        bench.Submit("under way");
        var refused = 0;
        Times(number =>
        {
            bench.Submit($"c{Text(number)}");
            refused += bench.Last.Overloaded.Count;
        });
        return Flood - refused;
    }

    private static int OpenReads()
    {
        var bench = CoreBench.Live(options => options with { MaxPendingCommands = Limit });
        Times(number => bench.Step(new ReadRequested(number)));
        return bench.View.OpenReads;
    }

    private static int Waiters()
    {
        var script = new LockScript(LockLimits.Default with { MaxWaitersPerLock = Limit });
        script.Apply("open A");
        script.Apply("acquire A x holder");
        Times(number => script.Apply($"acquire A x w{Text(number)} wait=60000"));
        return script.Machine.Describe(new() { CommandId = "q", Name = "x" }).LockDescription!.WaiterCount;
    }

    private static int LockOutbox()
    {
        var script = new LockScript(LockLimits.Default with { MaxOutbox = Limit });
        script.Apply("open A");
        Times(number => script.Apply($"acquire A x{Text(number)} a{Text(number)}"));
        return script.Machine.Outbox.Count;
    }

    private static int RegistryOutbox()
    {
        var bench = new RegistryBench(new() { MaxOutbox = Limit });
        Times(number => bench.Put($"k{Text(number)}", "v"));
        return bench.Machine.Outbox.Count;
    }

    private static int RecoveryOutbox()
    {
        var script = new RecoveryScript(new() { MaxOutbox = Limit });
        script.Join("a");
        var version = 0L;
        Times(_ => version += script.Write("a", 1, version).StateWritten is null ? 0 : 1);
        return script.Machine.Outbox.Count;
    }

    private static void Times(Action<int> once)
    {
        for (var number = 0; number < Flood; number++)
        {
            once(number);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

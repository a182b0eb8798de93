using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// Ratios measured within one run: what a crowd on one lock costs, not how fast the machine at hand is.
/// </summary>
[Collection(nameof(MeasuredAlone))]
public sealed class ScaleTests
{
    private const int Crowd = 10_000;
    private const int Cycles = 500;

    [Fact]
    public void Ten_thousand_waiters_on_one_lock_do_not_slow_another()
    {
        var (lone, crowded) = (Prepare(crowd: 0), Prepare(Crowd));
        MeasuredAlone.Ratio(7, turn => Cycle(lone, turn), turn => Cycle(crowded, turn)).ShouldBeLessThan(3);
    }

    [Fact]
    public void A_cancel_or_a_grant_costs_the_same_among_many_waiters_as_among_few()
    {
        var (few, many) = (Prepare(200), Prepare(19_000));
        // A search through the queue would cost the last of 19,000 waiters several times the whole command.
        MeasuredAlone.Ratio(10, turn => Cancel(few, 200, turn), turn => Cancel(many, 19_000, turn))
            .ShouldBeLessThan(4);
        PassOn(few);
        PassOn(many);
        MeasuredAlone.Ratio(9, turn => Grant(few, turn), turn => Grant(many, turn)).ShouldBeLessThan(4);
    }

    [Fact]
    public void The_last_page_of_many_locks_and_namespaces_costs_the_same_as_the_first()
    {
        var machine = PrepareNames(sessions: 5, each: 10_000);
        // A walk from the beginning would pass 50,000 names for ten: thousands of times the page.
        MeasuredAlone.Ratio(10, _ => List(machine, ""), _ => List(machine, "n4-9900/x")).ShouldBeLessThan(20);
        MeasuredAlone.Ratio(10, _ => Namespaces(machine, ""), _ => Namespaces(machine, "n4-9900"))
            .ShouldBeLessThan(20);
    }

    private static void List(LockMachine machine, string after)
    {
        for (var page = 0; page < 20; page++)
        {
            machine.List(new() { After = after, Limit = 10 }).LocksListed!.Locks.Count.ShouldBe(10);
        }
    }

    private static void Namespaces(LockMachine machine, string? after)
    {
        for (var page = 0; page < 20; page++)
        {
            machine.DescribeNamespaces(new() { After = after, Limit = 10 })
                .NamespacesDescribed!.Namespaces.Count.ShouldBe(10);
        }
    }

    /// <summary>Each lock in a namespace of its own.</summary>
    private static LockMachine PrepareNames(int sessions, int each)
    {
        var script = new LockScript();
        for (var session = 0; session < sessions; session++)
        {
            script.Apply($"open s{session}");
            script.Apply([.. Enumerable.Range(0, each).Select(number => new LockEntryCommand
            {
                AcquireLock = new()
                {
                    CommandId = $"a{number}",
                    SessionId = $"s{session}",
                    Name = $"n{session}-{number:D4}/x",
                    Sequence = number + 1,
                    AnsweredBelow = number + 1,
                },
            })]);
        }
        return script.Machine;
    }

    private static LockScript Prepare(int crowd)
    {
        var script = new LockScript();
        script.Apply("open A; open B");
        script.Apply("acquire A crowded held");
        script.Apply([.. Enumerable.Range(0, crowd).Select(number => new LockEntryCommand
        {
            AcquireLock = new()
            {
                CommandId = $"w{number}",
                SessionId = "B",
                Name = "crowded",
                Sequence = number + 1,
                AnsweredBelow = number + 1,
                WaitMilliseconds = 1_000_000,
            },
        })]);
        script.Machine.Describe(new() { Name = "crowded" }).LockDescription!.WaiterCount.ShouldBe(crowd);
        return script;
    }

    private static void Cycle(LockScript script, int round)
    {
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            var effects = script.Apply($"acquire A other a{round}-{cycle}");
            var token = effects.OfType<LockEffect.Answer>().Single().Reply.LockGranted!.FencingToken;
            script.Apply($"release A other a{round}-{cycle} {token} id=r{round}-{cycle}");
        }
    }

    /// <summary>Cancels the last ten waiters that wait still.</summary>
    private static void Cancel(LockScript script, int crowd, int turn)
    {
        for (var number = crowd - 1 - (turn * 10); number > crowd - 11 - (turn * 10); number--)
        {
            script.Apply($"cancel B w{number} id=c{number}")
                .OfType<LockEffect.Answer>().ShouldHaveSingleItem();
        }
    }

    /// <summary>To the first waiter.</summary>
    private static void PassOn(LockScript script) =>
        script.Apply("release A crowded held 1 id=first").Count.ShouldBe(5);

    /// <summary>Passes the lock on ten times, from one waiter to the next.</summary>
    private static void Grant(LockScript script, int turn)
    {
        for (var number = turn * 10; number < (turn * 10) + 10; number++)
        {
            script.Apply($"release B crowded w{number} {number + 2} id=r{number}").Count.ShouldBe(5);
        }
    }
}

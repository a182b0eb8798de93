using System.Diagnostics;
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
        var (alone, beside) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        // The best of several turns, taken in alternation: what else runs on the computer slows some of them,
        // never all.
        for (var round = 0; round < 7; round++)
        {
            alone = Min(alone, Time(() => Cycle(lone, round)));
            beside = Min(beside, Time(() => Cycle(crowded, round)));
        }
        (beside / alone).ShouldBeLessThan(3);
    }

    [Fact]
    public void A_cancel_or_a_grant_costs_the_same_among_many_waiters_as_among_few()
    {
        var (few, many) = (Prepare(200), Prepare(19_000));
        // A search through the queue would cost the last of 19,000 waiters several times the whole command.
        (FastestCancels(many, 19_000) / FastestCancels(few, 200)).ShouldBeLessThan(4);
        (FastestGrants(many) / FastestGrants(few)).ShouldBeLessThan(4);
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

    /// <summary>Cancels the last 100 waiters; the fastest ten in a row are the undisturbed cost.</summary>
    private static TimeSpan FastestCancels(LockScript script, int crowd) =>
        Enumerable.Range(0, 10).Min(turn => Time(() =>
        {
            for (var number = crowd - 1 - (turn * 10); number > crowd - 11 - (turn * 10); number--)
            {
                script.Apply($"cancel B w{number} id=c{number}")
                    .OfType<LockEffect.Answer>().ShouldHaveSingleItem();
            }
        }));

    /// <summary>Passes the lock on to the first 90 waiters, one after the other.</summary>
    private static TimeSpan FastestGrants(LockScript script)
    {
        script.Apply("release A crowded held 1 id=first").Count.ShouldBe(5);
        return Enumerable.Range(0, 9).Min(turn => Time(() =>
        {
            for (var number = turn * 10; number < (turn * 10) + 10; number++)
            {
                script.Apply($"release B crowded w{number} {number + 2} id=r{number}").Count.ShouldBe(5);
            }
        }));
    }

    private static TimeSpan Time(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}

/// <summary>Tests that compare times run while no other test does.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;

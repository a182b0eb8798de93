using Muster.Lock.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>What the machine notes for the history, beside what it sends.</summary>
public sealed class FactTests
{
    [Fact]
    public void A_hand_over_is_a_release_and_a_grant_of_one_entry() => Check("""
        open A; open B; open C
        acquire A x a1 flow=f
          0 Granted x A a1 token=1 flow=f for=0
        acquire B x b1 wait=9000; acquire C x c1 wait=9000
          0 Queued x B b1 ahead=0
          1 Queued x C c1 ahead=1
        release A x a1 1 +1200
          0 Released x A a1 token=1 flow=f for=1200 Released by=release-A
          1 Granted x B b1 token=2 for=1200
        """);

    [Fact]
    public void A_refused_acquire_is_not_noted_and_nor_is_a_second_copy() => Check("""
        open A; open B
        acquire A x a1; acquire B x b1
          0 Granted x A a1 token=1 for=0
        acquire A x a1
        release A x a1 7
        release A x a1 1 id=r
          0 Released x A a1 token=1 for=0 Released by=r
        release A x a1 1 id=r
        beat A
        tick
        """);

    [Fact]
    public void A_wait_ends_by_its_time_by_a_cancel_and_by_its_sessions_close() => Check("""
        open A; open B; open C; open D
        acquire A x a1; acquire B x b1 wait=500; acquire C x c1 wait=9000; acquire D x d1 wait=9000
          0 Granted x A a1 token=1 for=0
          1 Queued x B b1 ahead=0
          2 Queued x C c1 ahead=1
          3 Queued x D d1 ahead=2
        tick +500
          0 WaitEnded x B b1 for=500 WaitRanOut
        cancel C c1 +100
          0 WaitEnded x C c1 for=600 Cancelled by=cancel-C
        close D
          0 SessionEnded - D SessionClosed ttl=15000 silent=600
          1 WaitEnded x D d1 for=600 SessionClosed
        cancel A a1
          0 Released x A a1 token=1 for=600 Cancelled by=cancel-A
        cancel A a2
        """);

    /// <summary>The numbers that answer why: TTL, last renewal, end.</summary>
    [Fact]
    public void An_expiry_says_how_long_nothing_was_heard() => Check("""
        open A ttl=1000; open B
        acquire A x a1; acquire B x b1 wait=9000
          0 Granted x A a1 token=1 for=0
          1 Queued x B b1 ahead=0
        beat A +700
        tick +999
        tick +301
          0 SessionEnded - A SessionExpired ttl=1000 silent=1300
          1 Lost x A a1 token=1 for=2000 SessionExpired ttl=1000 silent=1300
          2 Granted x B b1 token=2 for=2000
        """);

    [Fact]
    public void A_lock_delay_starts_with_the_loss() => Check("""
        open A ttl=1000 delay=500; open B
        acquire A x a1; acquire B x b1 wait=9000
          0 Granted x A a1 token=1 for=0
          1 Queued x B b1 ahead=0
        tick +1000
          0 SessionEnded - A SessionExpired ttl=1000 silent=1000
          1 DelayStarted x A a1 for=500 SessionExpired
          2 Lost x A a1 token=1 for=1000 SessionExpired ttl=1000 silent=1000
        tick +500
          0 Granted x B b1 token=2 for=1500
        """);

    [Fact]
    public void A_lock_delay_is_told_as_long_as_it_lasts_and_with_what_ended_the_session() => Check("""
        open A delay=3000 node=n/1; open B delay=500 ttl=1000
        acquire A x,y a1 mode=shared; acquire B y b1 mode=shared
          0 Granted x,y A a1 token=1 mode=Shared for=0
          1 Granted y B b1 token=2 mode=Shared for=0
        crash n/1 1
          0 SessionEnded - A SessionCrashed ttl=15000 silent=0
          1 DelayStarted x A a1 mode=Shared for=3000 SessionCrashed
          2 DelayStarted y A a1 mode=Shared for=3000 SessionCrashed
          3 Lost x,y A a1 token=1 mode=Shared for=0 SessionCrashed ttl=15000 silent=0
        tick +1000
          0 SessionEnded - B SessionExpired ttl=1000 silent=1000
          1 DelayStarted y B b1 mode=Shared for=2000 SessionExpired
          2 Lost y B b1 token=2 mode=Shared for=1000 SessionExpired ttl=1000 silent=1000
        """);

    [Fact]
    public void A_closed_session_loses_what_it_holds() => Check("""
        open A; open B
        acquire A x a1 mode=2/3; acquire B x b1 mode=2/3 wait=9000
          0 Granted x A a1 token=1 mode=Permits/2 for=0
          1 Queued x B b1 mode=Permits/2 ahead=0
        close A +50
          0 SessionEnded - A SessionClosed ttl=15000 silent=50
          1 Lost x A a1 token=1 mode=Permits/2 for=50 SessionClosed ttl=15000 silent=50
          2 Granted x B b1 token=2 mode=Permits/2 for=50
        """);

    [Fact]
    public void A_break_names_its_command_and_reason_for_each_holder() => Check("""
        open A; open B; open C
        acquire A x a1 mode=shared; acquire B x b1 mode=shared; acquire C x c1 wait=9000
          0 Granted x A a1 token=1 mode=Shared for=0
          1 Granted x B b1 token=2 mode=Shared for=0
          2 Queued x C c1 ahead=0
        break x reason=stuck +10
          0 Lost x A a1 token=1 mode=Shared for=10 Broken by=break-x reason=stuck
          1 Lost x B b1 token=2 mode=Shared for=10 Broken by=break-x reason=stuck
          2 Granted x C c1 token=4 for=10
        break y
        """);

    [Fact]
    public void An_upgrade_is_of_its_hold() => Check("""
        open A; open B
        acquire A x a1 mode=upgradeable; acquire B x b1 mode=shared
          0 Granted x A a1 token=1 mode=Upgradeable for=0
          1 Granted x B b1 token=2 mode=Shared for=0
        upgrade A x a1 1 u1 wait=9000
          0 Queued x A a1 upgrade ahead=0
        release B x b1 2 +30
          0 Released x B b1 token=2 mode=Shared for=30 Released by=release-B
          1 Granted x A a1 upgrade token=3 for=30
        release A x u1 3 id=r1 +5
          0 Released x A a1 upgrade token=3 for=5 Released by=r1
        acquire B x b2 mode=shared
          0 Granted x B b2 token=4 mode=Shared for=0
        upgrade A x a1 3 u2 wait=9000
          0 Queued x A a1 upgrade ahead=0
        release A x a1 3 id=r2 +5
          0 Released x A a1 token=3 mode=Upgradeable for=40 Released by=r2
          1 WaitEnded x A a1 upgrade for=5 HoldEnded
        """);

    [Fact]
    public void Several_names_are_one_fact_and_an_election_is_a_lock() => Check("""
        open A; open B
        acquire A y,x a1
          0 Granted x,y A a1 token=1 for=0
        campaign A boss c1; campaign B boss c2 wait=9000
          0 Granted muster:election:boss A c1 token=2 for=0
          1 Queued muster:election:boss B c2 ahead=0
        resign A boss c1 2 +1
          0 Released muster:election:boss A c1 token=2 for=1 Released by=resign-A
          1 Granted muster:election:boss B c2 token=3 for=1
        """);

    [Fact]
    public void A_machine_from_a_snapshot_notes_the_same()
    {
        var script = new LockScript();
        script.Apply("open A ttl=1000; open B");
        script.Apply("acquire A x a1; acquire B x b1 wait=9000");
        script.Apply("beat A +700");
        var restored = new LockMachine();
        restored.Restore(script.Machine.TakeSnapshot());
        var next = new AppliedEntry { Index = new(5), LogTime = 2_700 };

        var facts = FactsOf(restored.Apply(next)).ToList();
        facts.ShouldBe(FactsOf(script.Machine.Apply(next)));
        facts.Count.ShouldBe(3);
    }

    [Fact]
    public void Owner_session_and_time_are_in_each()
    {
        var script = new LockScript();
        script.Apply("open A");
        var fact = script.Apply("acquire A x a1 +250").OfType<LockEffect.Noted>().Single().Fact;

        (fact.SessionId, fact.Owner, fact.Time).ShouldBe(("A", "owner of A", script.Machine.Time));
        script.Machine.Time.ShouldBeGreaterThan(0);
    }

    private static void Check(string script)
    {
        var run = new LockScript();
        var actual = new List<string>();
        var expected = script.ReplaceLineEndings("\n").Split('\n').ToList();
        foreach (var line in expected.Where(line => !line.StartsWith(' ')))
        {
            actual.Add(line);
            actual.AddRange(FactsOf(run.Apply(line)).Select((fact, place) => $"  {place} {fact}"));
        }
        string.Join('\n', actual).ShouldBe(string.Join('\n', expected));
    }

    private static IEnumerable<string> FactsOf(IReadOnlyList<LockEffect> effects) =>
        effects.OfType<LockEffect.Noted>().Select(noted => EffectText.Of(noted.Fact));
}

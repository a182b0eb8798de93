using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// The detectors' verdict that a node has crashed: what its sessions held passes on in the same entry.
/// </summary>
public sealed class CrashTests
{
    [Fact]
    public void The_locks_of_a_crashed_node_pass_on_at_once_and_its_waits_go() => LockScript.Check("""
        open A node=n/1; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire A y a2
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: granted y 2 a2
          A <- a2: granted y 2
        acquire B x b1 wait=9000; acquire A x a3 wait=9000
          #3 event 3: queued x b1
          B <- b1: queued x behind 0
          #4 event 4: queued x a3
          A <- a3: queued x behind 1
        crash n/1 5
          #5 event 5: crashed A
          #6 | A <- a3: SessionUnknown via r1
          #7 event 6: lost x 1 a1 SessionCrashed
          #8 event 7: granted x 3 b1 | B <- b1: granted x 3 via r1
          #9 event 8: lost y 2 a2 SessionCrashed
          crash 5 of n/1 taken
        beat A B
          beat A unknown, B holds x 3 b1
        release A x a1 1 id=late; acquire A x a1; upgrade A x a1 1 late-too
          A <- late: SessionUnknown
          A <- a1: SessionUnknown
          A <- late-too: SessionUnknown
        tick +20000
        """);

    [Fact]
    public void Only_sessions_of_that_node_and_that_incarnation_end() => LockScript.Check("""
        open A node=n/1; open B node=n/2; open C node=m/1; open D; open E node=n/1
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
          D <- open-D: opened D
          E <- open-E: opened E
        crash n/3 1; crash k/1 2
          crash 1 of n/3 taken
          crash 2 of k/1 taken
        crash n/1 3
          #1 event 1: crashed A
          #2 event 2: crashed E
          crash 3 of n/1 taken
        beat A B C D E
          beat A unknown, B, C, D, E unknown
        """);

    [Fact]
    public void A_copy_of_the_verdict_ends_nothing_that_was_opened_since_and_another_verdict_does() =>
        LockScript.Check("""
            open A node=n/1
              A <- open-A: opened A
            crash n/1 5; crash n/1 5
              #1 event 1: crashed A
              crash 5 of n/1 taken
              crash 5 of n/1 taken
            open B node=n/1
              B <- open-B: opened B
            acquire B x b1
              #2 event 2: granted x 1 b1
              B <- b1: granted x 1
            crash n/1 5 via=r2 +2000
              crash 5 of n/1 taken
            beat B
              beat B holds x 1 b1
            crash n/1 6
              #3 event 3: crashed B
              #4 event 4: lost x 1 b1 SessionCrashed
              crash 6 of n/1 taken
            """);

    /// <summary>By then its copies may be forgotten, so that it could end a later life.</summary>
    [Fact]
    public void A_verdict_that_was_proposed_longer_ago_than_the_window_does_nothing() => LockScript.Check("""
        open A node=n/1 ttl=60000
          A <- open-A: opened A
        tick +2000
        tick +2000
        crash n/1 5 +1500 issued=0
        beat A
          beat A
        crash n/1 5 issued=2500
          #1 event 1: crashed A
          crash 5 of n/1 taken
        """, window: 5_000);

    [Fact]
    public void Holders_of_every_mode_go_and_make_way() => LockScript.Check("""
        open A node=n/1; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A r a1 mode=shared; acquire B r b1 mode=shared; acquire C r c1 wait=9000
          #1 event 1: granted r 1 Shared a1
          A <- a1: granted r 1 Shared
          #2 event 2: granted r 2 Shared b1
          B <- b1: granted r 2 Shared
          #3 event 3: queued r c1
          C <- c1: queued r behind 0
        acquire A s a2 mode=2/3; acquire B s b2 mode=2/3 wait=9000
          #4 event 4: granted s 3 Permits 2 a2
          A <- a2: granted s 3 Permits 2
          #5 event 5: queued s b2
          B <- b2: queued s behind 0
        acquire A p,q a3; acquire B q b3 wait=9000
          #6 event 6: granted p,q 4 a3
          A <- a3: granted p,q 4
          #7 event 7: queued q b3
          B <- b3: queued q behind 0
        crash n/1 1
          #8 event 8: crashed A
          #9 event 9: lost r 1 a1 SessionCrashed
          #10 event 10: lost s 3 a2 SessionCrashed
          #11 event 11: granted s 5 Permits 2 b2 | B <- b2: granted s 5 Permits 2 via r1
          #12 event 12: lost p,q 4 a3 SessionCrashed
          #13 event 13: granted q 6 b3 | B <- b3: granted q 6 via r1
          crash 1 of n/1 taken
        release B r b1 2
          #14 event 14: released r 2 b1
          #15 event 15: granted r 7 c1 | C <- c1: granted r 7 via r1
          B <- release-B: released r 2
        """);

    [Theory]
    [InlineData("")]
    [InlineData(" mode=shared")]
    public void An_upgrade_goes_with_its_hold_held_or_waiting(string other)
    {
        var script = new LockScript();
        script.Apply("open A node=n/1; open B; acquire A x a1 mode=upgradeable");
        script.Apply(other.Length > 0 ? "acquire B x b1 mode=shared" : "tick");
        script.Apply("upgrade A x a1 1 a2 wait=9000");
        script.Apply("acquire B x b2 wait=9000");

        var effects = script.Apply("crash n/1 1").Select(EffectText.Of).ToList();

        effects.ShouldContain(effect => effect.EndsWith("a1 SessionCrashed", StringComparison.Ordinal));
        effects.Any(effect => effect.Contains("granted x", StringComparison.Ordinal))
            .ShouldBe(other.Length == 0, "a reader that lives holds up the writer");
        script.Machine.Describe(new() { Name = "x" }).LockDescription!.Waiters
            .Select(waiter => waiter.AcquireId).ShouldBe(other.Length == 0 ? [] : ["b2"]);
    }

    [Fact]
    public void A_lock_delay_holds_for_a_crash_as_for_an_expiry() => LockScript.Check("""
        open A delay=500 node=n/1; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire B x b1 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        crash n/1 1
          #3 event 3: crashed A
          #4 event 4: lost x 1 a1 SessionCrashed
          crash 1 of n/1 taken
        tick +499
        tick +1
          #5 event 5: granted x 2 b1 | B <- b1: granted x 2 via r1
        """);

    [Fact]
    public void A_crashed_leader_is_followed_in_the_same_entry() => LockScript.Check("""
        open A node=n/1; open B
          A <- open-A: opened A
          B <- open-B: opened B
        campaign A e a1; campaign B e b1 wait=9000 value=b
          #1 event 1: granted muster:election:e 1 a1
          #2 event 2: leader of e: A 1 a1 ''
          A <- a1: granted muster:election:e 1
          #3 event 3: queued muster:election:e b1
          B <- b1: queued muster:election:e behind 0
        crash n/1 1
          #4 event 4: crashed A
          #5 event 5: lost muster:election:e 1 a1 SessionCrashed
          #6 event 6: granted muster:election:e 2 b1 | B <- b1: granted muster:election:e 2 via r1
          #7 event 7: leader of e: B 2 b1 'b'
          crash 1 of n/1 taken
        """);

    [Fact]
    public void What_a_node_is_and_which_verdicts_came_is_in_the_snapshot()
    {
        var script = new LockScript();
        script.Apply("open A node=n/1; open B node=n/2; crash n/1 5");
        script.Apply("open C node=n/1");
        var digest = script.Machine.Digest();
        script.Machine.Restore(script.Machine.TakeSnapshot());
        script.Machine.Digest().ShouldBe(digest);
        script.Run("""
            crash n/1 5
              crash 5 of n/1 taken
            crash n/2 6
              #2 event 2: crashed B
              crash 6 of n/2 taken
            beat A B C
              beat A unknown, B unknown, C
            """);
    }

    [Fact]
    public void Verdicts_are_remembered_for_the_window_and_4096_at_most()
    {
        var script = new LockScript(window: 5_000);
        for (var number = 1; number <= 4_100; number++)
        {
            script.Apply($"crash n/{number} {number}");
        }
        var full = script.Machine.TakeSnapshot().Length;
        script.Apply("crash n/x 5000");
        script.Machine.TakeSnapshot().Length.ShouldBeInRange(full - 10, full + 10);
        script.Apply("tick +2000");
        script.Apply("tick +2000");
        script.Apply("tick +2000");
        script.Apply("crash n/y 5001");
        script.Machine.TakeSnapshot().Length.ShouldBeLessThan(full / 10);
    }

    [Fact]
    public void Before_the_group_is_founded_no_verdict_is_taken()
    {
        var machine = new LockMachine();
        machine.Apply(new()
        {
            Index = new(1),
            LogTime = 1,
            Body = LockEntryCodec.Write(new()
            {
                Commands = [new() { NodeCrash = new() { Node = "n", Incarnation = "1", Number = 1 } }],
            }),
        }).ShouldBeEmpty();
    }
}

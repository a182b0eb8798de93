using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>Time for what a session that expired has started to come to an end.</summary>
public sealed class LockDelayTests
{
    [Fact]
    public void Nobody_is_granted_before_the_delay_is_over() => LockScript.Check("""
        open A ttl=1000 delay=500; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire A y a2; acquire B x b1 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: granted y 2 a2
          A <- a2: granted y 2
          #3 event 3: queued x b1
          B <- b1: queued x behind 0
        tick +1000
          #4 event 4: expired A
          #5 event 5: lost x 1 a1 SessionExpired
          #6 event 6: lost y 2 a2 SessionExpired
        acquire B y b2; acquire B y b3 wait=200
          B <- b2: LockBusy
          #7 event 7: queued y b3
          B <- b3: queued y behind 0
        tick +300
          #8 | B <- b3: LockBusy via r1
        tick +200
          #9 event 8: granted x 3 b1 | B <- b1: granted x 3 via r1
        acquire B y b4
          #10 event 9: granted y 4 b4
          B <- b4: granted y 4
        """);

    [Fact]
    public void Only_an_expiry_has_one() => LockScript.Check("""
        open A delay=500; open B; open C delay=500
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1; acquire C y c1; acquire C z c2
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: granted y 2 c1
          C <- c1: granted y 2
          #3 event 3: granted z 3 c2
          C <- c2: granted z 3
        acquire B x b1 wait=9000; acquire B y b2 wait=9000; acquire B z b3 wait=9000
          #4 event 4: queued x b1
          B <- b1: queued x behind 0
          #5 event 5: queued y b2
          B <- b2: queued y behind 0
          #6 event 6: queued z b3
          B <- b3: queued z behind 0
        release A x a1 1
          #7 event 7: released x 1 a1
          #8 event 8: granted x 4 b1 | B <- b1: granted x 4 via r1
          A <- release-A: released x 1
        break y
          #9 event 9: lost y 2 c1 Broken
          #10 event 10: granted y 6 b2 | B <- b2: granted y 6 via r1
          operator <- break-y: broken y 5, was held under 2
        close C
          #11 event 11: lost z 3 c2 SessionClosed
          #12 event 12: granted z 7 b3 | B <- b3: granted z 7 via r1
          C <- close-C: closed C
        """);

    [Fact]
    public void An_upgrade_waits_for_its_end_as_well() => LockScript.Check("""
        open A ttl=1000 delay=500; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1 mode=shared; acquire B x b1 mode=upgradeable; upgrade B x b1 2 b2 wait=9000
          #1 event 1: granted x 1 Shared a1
          A <- a1: granted x 1 Shared
          #2 event 2: granted x 2 Upgradeable b1
          B <- b1: granted x 2 Upgradeable
          #3 event 3: queued x b2
          B <- b2: queued x behind 0
        tick +1000
          #4 event 4: expired A
          #5 event 5: lost x 1 a1 SessionExpired
        cancel B b2; upgrade B x b1 2 b3; upgrade B x b1 2 b4 wait=9000
          B <- cancel-B: cancelled b2
          B <- b3: LockBusy
          #6 event 6: queued x b4
          B <- b4: queued x behind 0
        tick +500
          #7 event 7: granted x 3 of b1 b4 | B <- b4: granted x 3 of b1 via r1
        """);

    [Fact]
    public void An_election_has_no_leader_meanwhile() => LockScript.Check("""
        open A ttl=1000 delay=500; open B
          A <- open-A: opened A
          B <- open-B: opened B
        campaign A e a1; campaign B e b1 wait=9000 value=b
          #1 event 1: granted muster:election:e 1 a1
          #2 event 2: leader of e: A 1 a1 ''
          A <- a1: granted muster:election:e 1
          #3 event 3: queued muster:election:e b1
          B <- b1: queued muster:election:e behind 0
        tick +1000
          #4 event 4: expired A
          #5 event 5: lost muster:election:e 1 a1 SessionExpired
          #6 event 6: leader of e: none
        tick +500
          #7 event 7: granted muster:election:e 2 b1 | B <- b1: granted muster:election:e 2 via r1
          #8 event 8: leader of e: B 2 b1 'b'
        """);

    [Fact]
    public void A_delay_is_due_described_and_kept_in_snapshots()
    {
        var script = new LockScript();
        script.Apply("open A ttl=1000 delay=60000");
        script.Apply("acquire A x a1");
        script.Apply("tick +1000");
        script.Machine.NextDeadline.ShouldBe(script.Machine.Time + 60_000);
        script.Machine.Describe(new() { Name = "x" }).LockDescription!.DelayedMilliseconds.ShouldBe(60_000);
        script.Machine.Restore(script.Machine.TakeSnapshot());
        script.Machine.NextDeadline.ShouldBe(script.Machine.Time + 60_000);
        for (var seconds = 0; seconds < 60; seconds += 2)
        {
            script.Apply("tick +2000"); // log time counts two seconds at most between two entries
        }
        script.Machine.NextDeadline.ShouldBeNull();
        script.Machine.Describe(new() { Name = "x" }).LockDescription!.DelayedMilliseconds.ShouldBe(0);
    }
}

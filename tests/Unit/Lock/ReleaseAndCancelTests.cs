using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class ReleaseAndCancelTests
{
    [Fact]
    public void Only_the_holding_acquire_with_its_token_releases() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire A x a2 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x a2
          A <- a2: queued x behind 0
        release B x a1 1 id=r1
          B <- r1: NotHolder
        release A x a2 1 id=r2
          A <- r2: NotHolder
        release A x a1 2 id=r3
          A <- r3: NotHolder
        release A y a1 1 id=r4
          A <- r4: NotHeld
        release A x a1 1 id=r5
          #3 event 3: released x 1 a1
          #4 event 4: granted x 2 a2 | A <- a2: granted x 2 via r1
          A <- r5: released x 1
        release A x a1 1 id=r6
          A <- r6: NotHolder
        release A x a2 2 id=r7
          #5 event 5: released x 2 a2
          A <- r7: released x 2
        release A x a2 2 id=r8
          A <- r8: NotHeld
        """);

    [Fact]
    public void Cancelling_a_waiter_takes_it_out_of_the_queue() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire A x a2 wait=9000; acquire B x b1 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x a2
          A <- a2: queued x behind 0
          #3 event 3: queued x b1
          B <- b1: queued x behind 1
        cancel A a2
          A <- cancel-A: cancelled a2
        release A x a1 1
          #4 event 4: released x 1 a1
          #5 event 5: granted x 2 b1 | B <- b1: granted x 2 via r1
          A <- release-A: released x 1
        acquire A x a2 wait=9000
          A <- a2: AcquireCancelled
        """);

    [Fact]
    public void Cancelling_a_holder_releases_and_passes_on() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire B x b1 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        cancel A a1
          #3 event 3: released x 1 a1
          #4 event 4: granted x 2 b1 | B <- b1: granted x 2 via r1
          A <- cancel-A: cancelled a1, was held
        acquire A x a1
          A <- a1: AcquireCancelled
        """);

    [Fact]
    public void A_cancel_that_overtakes_its_acquire_leaves_no_lock_behind() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        cancel A a1 seq=2
          A <- cancel-A: cancelled a1
        cancel A a2 id=c2
          A <- c2: cancelled a2
        acquire A x a1 seq=1
          A <- a1: AcquireCancelled
        acquire A x a2
          A <- a2: AcquireCancelled
        acquire B x b1
          #1 event 1: granted x 1 b1
          B <- b1: granted x 1
        """);

    [Fact]
    public void A_tombstone_of_one_session_stops_no_other() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        cancel A same seq=1
          A <- cancel-A: cancelled same
        acquire B x same seq=1
          #1 event 1: granted x 1 same
          B <- same: granted x 1
        """);

    [Fact]
    public void Cancelling_what_ended_otherwise_changes_nothing() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1 seq=1; release A x a1 1 seq=2; acquire A x a2 seq=3
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: released x 1 a1
          A <- release-A: released x 1
          #3 event 3: granted x 2 a2
          A <- a2: granted x 2
        cancel A a1 seq=4
          A <- cancel-A: cancelled a1
        beat A
          beat A holds x 2 a2
        """);

    [Fact]
    public void Cancels_in_advance_are_bounded_and_lapse_with_the_window() => LockScript.Check("""
        open A ttl=60000
          A <- open-A: opened A
        cancel A a1 id=c1; cancel A a2 id=c2; cancel A a3 id=c3; cancel A a2 id=c4
          A <- c1: cancelled a1
          A <- c2: cancelled a2
          A <- c3: LimitReached
          A <- c4: cancelled a2
        tick +2000
        tick +2000
        cancel A a3 id=c5 +2000
          A <- c5: cancelled a3
        """, new() { MaxTombstonesPerSession = 2 }, window: 5_000);
}

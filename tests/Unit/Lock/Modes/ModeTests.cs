using Muster.Lock.Machine;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>Who may hold a name together, and who waits for whom.</summary>
public sealed class ModeTests
{
    [Fact]
    public void Readers_share_and_a_waiting_writer_stops_later_readers() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1 mode=shared; acquire B x b1 mode=shared
          #1 event 1: granted x 1 Shared a1
          A <- a1: granted x 1 Shared
          #2 event 2: granted x 2 Shared b1
          B <- b1: granted x 2 Shared
        acquire B x b2 wait=9000; acquire A x a2 mode=shared wait=9000; acquire A x a3 mode=shared
          #3 event 3: queued x b2
          B <- b2: queued x behind 0
          #4 event 4: queued x a2
          A <- a2: queued x behind 1
          A <- a3: LockBusy
        release A x a1 1
          #5 event 5: released x 1 a1
          A <- release-A: released x 1
        release B x b1 2
          #6 event 6: released x 2 b1
          #7 event 7: granted x 3 b2 | B <- b2: granted x 3 via r1
          B <- release-B: released x 2
        release B x b2 3 id=again; acquire B x b3 mode=shared
          #8 event 8: released x 3 b2
          #9 event 9: granted x 4 Shared a2 | A <- a2: granted x 4 Shared via r1
          B <- again: released x 3
          #10 event 10: granted x 5 Shared b3
          B <- b3: granted x 5 Shared
        """);

    [Fact]
    public void A_writer_that_gives_up_lets_the_readers_behind_it_in() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1 mode=shared; acquire B x b1 wait=5000; acquire C x c1 mode=shared wait=9000
          #1 event 1: granted x 1 Shared a1
          A <- a1: granted x 1 Shared
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
          #3 event 3: queued x c1
          C <- c1: queued x behind 1
        cancel B b1
          #4 event 4: granted x 2 Shared c1 | C <- c1: granted x 2 Shared via r1
          B <- cancel-B: cancelled b1
        acquire B x b2 wait=700; acquire C x c2 mode=shared wait=9000
          #5 event 5: queued x b2
          B <- b2: queued x behind 0
          #6 event 6: queued x c2
          C <- c2: queued x behind 1
        tick +800
          #7 | B <- b2: LockBusy via r1
          #8 event 7: granted x 3 Shared c2 | C <- c2: granted x 3 Shared via r1
        acquire B x b3 wait=5000; acquire C x c3 mode=shared wait=9000
          #9 event 8: queued x b3
          B <- b3: queued x behind 0
          #10 event 9: queued x c3
          C <- c3: queued x behind 1
        close B
          #11 | B <- b3: SessionUnknown via r1
          #12 event 10: granted x 4 Shared c3 | C <- c3: granted x 4 Shared via r1
          B <- close-B: closed B
        """);

    [Fact]
    public void One_upgradeable_beside_readers_becomes_exclusive_before_all_who_wait() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1 mode=shared; acquire B x b1 mode=upgradeable; acquire C x c1 mode=upgradeable
          #1 event 1: granted x 1 Shared a1
          A <- a1: granted x 1 Shared
          #2 event 2: granted x 2 Upgradeable b1
          B <- b1: granted x 2 Upgradeable
          C <- c1: LockBusy
        acquire C x c2 wait=9000
          #3 event 3: queued x c2
          C <- c2: queued x behind 0
        upgrade B x b1 2 b2 wait=5000; acquire A x a2 mode=shared
          #4 event 4: queued x b2
          B <- b2: queued x behind 0
          A <- a2: LockBusy
        release A x a1 1
          #5 event 5: released x 1 a1
          #6 event 6: granted x 3 of b1 b2 | B <- b2: granted x 3 of b1 via r1
          A <- release-A: released x 1
        beat B
          beat B holds x 3 b1 upgraded by b2
        acquire B x b1 mode=upgradeable
          B <- b1: granted x 3
        release B x b1 4; release B x b1 2 id=again
          B <- release-B: NotHolder
          #7 event 7: released x 3 b1
          #8 event 8: granted x 4 c2 | C <- c2: granted x 4 via r1
          B <- again: released x 3
        """);

    [Fact]
    public void An_upgrade_that_ends_leaves_an_upgradeable_hold_under_the_new_token() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1 mode=upgradeable; upgrade A x a1 1 a2; acquire B x b1 mode=shared wait=9000
          #1 event 1: granted x 1 Upgradeable a1
          A <- a1: granted x 1 Upgradeable
          #2 event 2: granted x 2 of a1 a2
          A <- a2: granted x 2 of a1
          #3 event 3: queued x b1
          B <- b1: queued x behind 0
        release A x a2 2
          #4 event 4: released x 2 a2
          #5 event 5: granted x 3 Shared b1 | B <- b1: granted x 3 Shared via r1
          A <- release-A: released x 2
        beat A
          beat A holds x 2 a1
        upgrade A x a1 2 a3; upgrade A x a1 2 a4 wait=9000; upgrade A x a1 2 a5
          A <- a3: LockBusy
          #6 event 6: queued x a4
          A <- a4: queued x behind 0
          A <- a5: ModeInvalid
        cancel A a4
          A <- cancel-A: cancelled a4
        release B x b1 3; upgrade A x a1 2 a6
          #7 event 7: released x 3 b1
          B <- release-B: released x 3
          #8 event 8: granted x 4 of a1 a6
          A <- a6: granted x 4 of a1
        cancel A a6 id=c
          #9 event 9: released x 4 a6
          A <- c: cancelled a6, was held
        release A x a1 4 id=again
          #10 event 10: released x 4 a1
          A <- again: released x 4
        """);

    [Fact]
    public void An_upgrade_ends_with_its_hold_and_never_is_more_than_it() => LockScript.Check("""
        open A ttl=2000; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1 mode=upgradeable; acquire B x b1 mode=shared; upgrade A x a1 1 a2 wait=9000
          #1 event 1: granted x 1 Upgradeable a1
          A <- a1: granted x 1 Upgradeable
          #2 event 2: granted x 2 Shared b1
          B <- b1: granted x 2 Shared
          #3 event 3: queued x a2
          A <- a2: queued x behind 0
        release A x a1 1
          #4 | A <- a2: NotHeld via r1
          #5 event 4: released x 1 a1
          A <- release-A: released x 1
        acquire A x a3 mode=upgradeable; upgrade A x a3 3 a4 wait=9000
          #6 event 5: granted x 3 Upgradeable a3
          A <- a3: granted x 3 Upgradeable
          #7 event 6: queued x a4
          A <- a4: queued x behind 0
        break x session=A
          #8 | A <- a4: NotHeld via r1
          #9 event 7: lost x 3 a3 Broken
          operator <- break-x: broken x 2, was held under 3
        acquire A y a5 mode=upgradeable; upgrade A y a5 4 a6; upgrade B x b1 2 b2; acquire C y c1 wait=9000
          #10 event 8: granted y 4 Upgradeable a5
          A <- a5: granted y 4 Upgradeable
          #11 event 9: granted y 5 of a5 a6
          A <- a6: granted y 5 of a5
          B <- b2: ModeInvalid
          #12 event 10: queued y c1
          C <- c1: queued y behind 0
        tick +2000
          #13 event 11: expired A
          #14 event 12: lost y 5 a5 SessionExpired
          #15 event 13: granted y 6 c1 | C <- c1: granted y 6 via r1
        """);

    [Fact]
    public void A_semaphore_grants_permits_in_turn_and_has_one_size_at_a_time() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A s a1 mode=2/3; acquire B s b1 mode=1/3; acquire B s b2 mode=1/4; acquire B s b3
          #1 event 1: granted s 1 Permits 2 a1
          A <- a1: granted s 1 Permits 2
          #2 event 2: granted s 2 Permits 1 b1
          B <- b1: granted s 2 Permits 1
          B <- b2: ModeConflict
          B <- b3: ModeConflict
        acquire B s b4 mode=2/3 wait=9000; acquire A s a2 mode=1/3 wait=9000
          #3 event 3: queued s b4
          B <- b4: queued s behind 0
          #4 event 4: queued s a2
          A <- a2: queued s behind 1
        release B s b1 2
          #5 event 5: released s 2 b1
          B <- release-B: released s 2
        release A s a1 1
          #6 event 6: released s 1 a1
          #7 event 7: granted s 3 Permits 2 b4 | B <- b4: granted s 3 Permits 2 via r1
          #8 event 8: granted s 4 Permits 1 a2 | A <- a2: granted s 4 Permits 1 via r1
          A <- release-A: released s 1
        release B s b4 3 id=b6; release A s a2 4 id=a3; acquire B s b5
          #9 event 9: released s 3 b4
          B <- b6: released s 3
          #10 event 10: released s 4 a2
          A <- a3: released s 4
          #11 event 11: granted s 5 b5
          B <- b5: granted s 5
        """);

    [Fact]
    public void A_break_takes_the_lock_from_those_who_are_meant() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1 mode=shared; acquire B x b1 mode=shared; acquire C x c1 wait=9000
          #1 event 1: granted x 1 Shared a1
          A <- a1: granted x 1 Shared
          #2 event 2: granted x 2 Shared b1
          B <- b1: granted x 2 Shared
          #3 event 3: queued x c1
          C <- c1: queued x behind 0
        break x token=1
          #4 event 4: lost x 1 a1 Broken
          operator <- break-x: broken x 2, was held under 1
        break x session=C id=nobody
          operator <- nobody: broken x 2
        break x id=all
          #5 event 5: lost x 2 b1 Broken
          #6 event 6: granted x 4 c1 | C <- c1: granted x 4 via r1
          operator <- all: broken x 3, was held under 2
        """);

    [Fact]
    public void A_broken_hold_s_upgrade_is_granted_to_nobody_on_the_way() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1 mode=shared; acquire B x b1 mode=upgradeable; upgrade B x b1 2 b2 wait=9000
          #1 event 1: granted x 1 Shared a1
          A <- a1: granted x 1 Shared
          #2 event 2: granted x 2 Upgradeable b1
          B <- b1: granted x 2 Upgradeable
          #3 event 3: queued x b2
          B <- b2: queued x behind 0
        break x
          #4 | B <- b2: NotHeld via r1
          #5 event 4: lost x 1 a1 Broken
          #6 event 5: lost x 2 b1 Broken
          operator <- break-x: broken x 3, was held under 2
        """);

    [Fact]
    public void A_session_that_ends_leaves_all_it_shares_and_all_it_waits_for() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1 mode=shared; acquire B x b1 mode=shared; acquire A x a2 wait=9000
          #1 event 1: granted x 1 Shared a1
          A <- a1: granted x 1 Shared
          #2 event 2: granted x 2 Shared b1
          B <- b1: granted x 2 Shared
          #3 event 3: queued x a2
          A <- a2: queued x behind 0
        acquire C x c1 mode=shared wait=9000; acquire A y a3; acquire C y c2 wait=9000
          #4 event 4: queued x c1
          C <- c1: queued x behind 1
          #5 event 5: granted y 3 a3
          A <- a3: granted y 3
          #6 event 6: queued y c2
          C <- c2: queued y behind 0
        close A
          #7 | A <- a2: SessionUnknown via r1
          #8 event 7: lost x 1 a1 SessionClosed
          #9 event 8: granted x 4 Shared c1 | C <- c1: granted x 4 Shared via r1
          #10 event 9: lost y 3 a3 SessionClosed
          #11 event 10: granted y 5 c2 | C <- c2: granted y 5 via r1
          A <- close-A: closed A
        """);
}

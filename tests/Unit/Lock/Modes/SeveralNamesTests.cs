using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>Several names in one acquire: all or none.</summary>
public sealed class SeveralNamesTests
{
    [Fact]
    public void All_names_are_granted_at_once_under_one_token_and_released_at_once() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A z,x a1
          #1 event 1: granted x,z 1 a1
          A <- a1: granted x,z 1
        acquire B x b1; acquire B z b2 wait=9000; acquire B y,z b3
          B <- b1: LockBusy
          #2 event 2: queued z b2
          B <- b2: queued z behind 0
          B <- b3: LockBusy
        release A - a1 1
          #3 event 3: released x,z 1 a1
          #4 event 4: granted z 2 b2 | B <- b2: granted z 2 via r1
          A <- release-A: released x,z 1
        """);

    [Fact]
    public void It_holds_none_while_it_waits_and_is_passed_by_nobody() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1; acquire B x,y b1 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x,y b1
          B <- b1: queued x,y behind 0
        acquire C y c1; acquire C y c2 wait=9000
          C <- c1: LockBusy
          #3 event 3: queued y c2
          C <- c2: queued y behind 1
        release A x a1 1
          #4 event 4: released x 1 a1
          #5 event 5: granted x,y 2 b1 | B <- b1: granted x,y 2 via r1
          A <- release-A: released x 1
        release B y b1 2
          #6 event 6: released x,y 2 b1
          #7 event 7: granted y 3 c2 | C <- c2: granted y 3 via r1
          B <- release-B: released x,y 2
        """);

    [Fact]
    public void Acquires_of_the_same_names_never_block_each_other_for_ever() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1; acquire C z c1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: granted z 2 c1
          C <- c1: granted z 2
        acquire A y,z a2 wait=9000; acquire B z,y b1 wait=9000; acquire C x,y c2 wait=9000
          #3 event 3: queued y,z a2
          A <- a2: queued y,z behind 0
          #4 event 4: queued y,z b1
          B <- b1: queued y,z behind 1
          #5 event 5: queued x,y c2
          C <- c2: queued x,y behind 2
        release C z c1 2
          #6 event 6: released z 2 c1
          #7 event 7: granted y,z 3 a2 | A <- a2: granted y,z 3 via r1
          C <- release-C: released z 2
        release A y a2 3; release A x a1 1 id=again
          #8 event 8: released y,z 3 a2
          #9 event 9: granted y,z 4 b1 | B <- b1: granted y,z 4 via r1
          A <- release-A: released y,z 3
          #10 event 10: released x 1 a1
          A <- again: released x 1
        release B - b1 4
          #11 event 11: released y,z 4 b1
          #12 event 12: granted x,y 5 c2 | C <- c2: granted x,y 5 via r1
          B <- release-B: released y,z 4
        """);

    [Fact]
    public void One_that_gives_up_frees_the_way_in_all_its_queues() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A y a1; acquire B x,y b1 wait=700; acquire C x c1 wait=9000; acquire C z c2
          #1 event 1: granted y 1 a1
          A <- a1: granted y 1
          #2 event 2: queued x,y b1
          B <- b1: queued x,y behind 0
          #3 event 3: queued x c1
          C <- c1: queued x behind 1
          #4 event 4: granted z 2 c2
          C <- c2: granted z 2
        tick +800
          #5 | B <- b1: LockBusy via r1
          #6 event 5: granted x 3 c1 | C <- c1: granted x 3 via r1
        acquire B x,z b2 wait=9000 mode=shared
          #7 event 6: queued x,z b2
          B <- b2: queued x,z behind 0
        close C
          #8 event 7: lost x 3 c1 SessionClosed
          #9 event 8: lost z 2 c2 SessionClosed
          #10 event 9: granted x,z 4 Shared b2 | B <- b2: granted x,z 4 Shared via r1
          C <- close-C: closed C
        """);

    [Fact]
    public void A_break_of_one_name_takes_all() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x,y a1 mode=shared; acquire B y b1 wait=9000; acquire B x b2 mode=shared
          #1 event 1: granted x,y 1 Shared a1
          A <- a1: granted x,y 1 Shared
          #2 event 2: queued y b1
          B <- b1: queued y behind 0
          #3 event 3: granted x 2 Shared b2
          B <- b2: granted x 2 Shared
        break x token=1
          #4 event 4: lost x,y 1 a1 Broken
          #5 event 5: granted y 3 b1 | B <- b1: granted y 3 via r1
          operator <- break-x: broken x 2, was held under 1
        """);
}

using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class ExactlyOnceTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" seq=1")]
    public void A_duplicate_elsewhere_gets_the_first_answer_and_changes_nothing(string number) =>
        LockScript.Check($"""
            open A; open B
              A <- open-A: opened A
              B <- open-B: opened B
            acquire A x a1{number}
              #1 event 1: granted x 1 a1
              A <- a1: granted x 1
            acquire A x a1{number} via=r2 to=A2
              A2 <- a1: granted x 1
            acquire B x b1{number}
              B <- b1: LockBusy
            release A x a1 1
              #2 event 2: released x 1 a1
              A <- release-A: released x 1
            release A x a1 1 via=r2
              A <- release-A: released x 1
            acquire B x b1{number} via=r2
              B <- b1: LockBusy
            acquire A x a1{number} via=r3
              A <- a1: granted x 1
            beat A B
              beat A, B
            """);

    [Theory]
    [InlineData("")]
    [InlineData(" seq=1")]
    public void A_waiter_that_asks_again_elsewhere_is_granted_there(string number) => LockScript.Check($"""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire B x b1 wait=9000{number}
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        acquire B x b1 wait=9000{number} via=r2 to=B2
          B2 <- b1: queued x behind 0
        release A x a1 1
          #3 event 3: released x 1 a1
          #4 event 4: granted x 2 b1 | B2 <- b1: granted x 2 via r2
          A <- release-A: released x 1
        acquire B x b1 wait=9000{number} via=r3
          B <- b1: granted x 2
        """);

    [Fact]
    public void A_waiter_below_answered_below_is_still_found_by_its_id() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire B x b1 wait=9000 seq=1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        acquire B y b2 seq=2 below=2
          #3 event 3: granted y 2 b2
          B <- b2: granted y 2
        acquire B x b1 wait=9000 seq=1 to=B2
          B2 <- b1: queued x behind 0
        release A x a1 1
          #4 event 4: released x 1 a1
          #5 event 5: granted x 3 b1 | B2 <- b1: granted x 3 via r1
          A <- release-A: released x 1
        """);

    [Fact]
    public void Numbers_may_come_in_any_order_and_answered_ones_do_nothing_again() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A y a2 seq=2
          #1 event 1: granted y 1 a2
          A <- a2: granted y 1
        acquire A x a1 seq=1
          #2 event 2: granted x 2 a1
          A <- a1: granted x 2
        release A x a1 2 seq=3 below=3
          #3 event 3: released x 2 a1
          A <- release-A: released x 2
        acquire A x a1 seq=1
          A <- a1: AlreadyAnswered
        acquire A z other seq=3
          A <- other: AlreadyAnswered
        acquire A z a4 seq=0
          A <- a4: AlreadyAnswered
        acquire A z a2 seq=4
          A <- a2: CommandIdInvalid
        """);

    [Fact]
    public void The_window_of_open_numbers_is_bounded() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a3 seq=3
          A <- a3: Overloaded
        acquire A x a2 seq=2
          #1 event 1: granted x 1 a2
          A <- a2: granted x 1
        acquire A y a3 seq=3 below=2
          #2 event 2: granted y 2 a3
          A <- a3: granted y 2
        """, new() { MaxOpenCommandsPerSession = 2 });

    [Fact]
    public void A_proposal_as_old_as_the_window_changes_nothing_and_is_unknown() => LockScript.Check("""
        open A ttl=60000; open B ttl=60000
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        release A x a1 1
          #2 event 2: released x 1 a1
          A <- release-A: released x 1
        tick +2000
        tick +2000
        acquire A x a1; acquire B x b1; close B issued=1001 +999
          A <- a1: granted x 1
          #3 event 3: granted x 2 b1
          B <- b1: granted x 2
          #4 event 4: lost x 2 b1 SessionClosed
          B <- close-B: closed B
        acquire A x a1; open B; acquire A y a2 seq=1 issued=1000 +1
          A <- a1: unknown
          B <- open-B: unknown
          A <- a2: unknown
        """, window: 5_000);

    [Fact]
    public void A_copy_of_an_acquire_whose_session_ended_hears_no_grant() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1; acquire A x a2 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x a2
          A <- a2: queued x behind 0
        close A
          #3 | A <- a2: SessionUnknown via r1
          #4 event 3: lost x 1 a1 SessionClosed
          A <- close-A: closed A
        acquire A x a1; acquire A x a2 wait=9000; acquire A x a3 seq=1
          A <- a1: SessionUnknown
          A <- a2: SessionUnknown
          A <- a3: SessionUnknown
        """);

    [Theory]
    [InlineData("acquire B x a1")] // another session
    [InlineData("acquire A y a1")] // another lock
    [InlineData("release A x a1 1 id=a1")] // another kind
    [InlineData("cancel A a1 id=a1")]
    [InlineData("break x id=a1")]
    [InlineData("campaign A x a1")]
    [InlineData("close A id=a1")]
    [InlineData("open C id=a1")]
    public void An_id_of_another_command_is_refused_and_the_first_keeps_its_answer(string other)
    {
        var script = LockScript.Check("""
            open A; open B
              A <- open-A: opened A
              B <- open-B: opened B
            acquire A x a1
              #1 event 1: granted x 1 a1
              A <- a1: granted x 1
            """);
        script.Machine.Restore(script.Machine.TakeSnapshot());

        script.Run($"""
            {other} to=T
              T <- a1: CommandIdInvalid
            acquire A x a1
              A <- a1: granted x 1
            beat A B
              beat A holds x 1 a1, B
            """);
    }

    [Fact]
    public void A_numbered_command_of_another_kind_under_the_same_id_is_refused() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1 seq=1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        release A x a1 1 id=a1 seq=1
          A <- a1: CommandIdInvalid
        acquire A y y1 seq=2 below=2; release A x a1 1 id=a1 seq=1; release A x a1 1 id=a1
          #2 event 2: granted y 2 y1
          A <- y1: granted y 2
          A <- a1: AlreadyAnswered
          A <- a1: CommandIdInvalid
        acquire A x a1 seq=1
          A <- a1: granted x 1
        """);

    [Fact]
    public void A_wait_that_outlives_its_id_does_not_change_anothers_answer_under_it() => LockScript.Check("""
        open A ttl=60000; open B ttl=60000
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire A x same wait=50000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x same
          A <- same: queued x behind 0
        tick +2000
        tick +2000
        tick +2000
        acquire B y same
          #3 event 3: granted y 2 same
          B <- same: granted y 2
        acquire A y same wait=50000 to=T
          T <- same: CommandIdInvalid
        release A x a1 1
          #4 event 4: released x 1 a1
          #5 event 5: granted x 3 same | A <- same: granted x 3 via r1
          A <- release-A: released x 1
        acquire B y same
          B <- same: granted y 2
        """, window: 5_000);

    [Fact]
    public void A_cancel_leaves_a_tombstone_though_another_kind_of_command_had_the_acquires_id() =>
        LockScript.Check("""
            open A
              A <- open-A: opened A
            cancel A none id=odd seq=1
              A <- odd: cancelled none
            cancel A odd seq=2
              A <- cancel-A: cancelled odd
            acquire A x odd seq=3
              A <- odd: AcquireCancelled
            """);
}

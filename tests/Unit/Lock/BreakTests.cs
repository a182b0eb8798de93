using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class BreakTests
{
    [Fact]
    public void A_broken_lock_is_lost_and_passes_on_under_a_token_above_the_breaks() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire B x b1 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        break x
          #3 event 3: lost x 1 a1 Broken
          #4 event 4: granted x 3 b1 | B <- b1: granted x 3 via r1
          operator <- break-x: broken x 2, was held under 1
        release A x a1 1 id=late
          A <- late: NotHolder
        beat A B
          beat A, B holds x 3 b1
        release B x b1 3
          #5 event 5: released x 3 b1
          B <- release-B: released x 3
        release A x a1 1 id=later
          A <- later: NotHeld
        """);

    [Theory]
    [InlineData("")]
    [InlineData(" seq=1")]
    public void A_copy_of_the_broken_acquire_hears_no_grant_and_the_session_goes_on(string number) =>
        LockScript.Check($"""
            open A
              A <- open-A: opened A
            acquire A x a1{number}
              #1 event 1: granted x 1 a1
              A <- a1: granted x 1
            break x
              #2 event 2: lost x 1 a1 Broken
              operator <- break-x: broken x 2, was held under 1
            acquire A x a1{number} via=r2
              A <- a1: NotHeld
            acquire A x a2
              #3 event 3: granted x 3 a2
              A <- a2: granted x 3
            """);

    [Fact]
    public void A_break_is_done_once_and_its_copy_is_answered_alike() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        break x id=b1
          #2 event 2: lost x 1 a1 Broken
          operator <- b1: broken x 2, was held under 1
        acquire A x a2
          #3 event 3: granted x 3 a2
          A <- a2: granted x 3
        break x id=b1 via=r2 to=elsewhere
          elsewhere <- b1: broken x 2, was held under 1
        beat A
          beat A holds x 3 a2
        """);

    [Fact]
    public void Breaking_a_free_lock_raises_the_token_all_the_same() => LockScript.Check("""
        open A
          A <- open-A: opened A
        break x
          operator <- break-x: broken x 1
        acquire A x a1
          #1 event 1: granted x 2 a1
          A <- a1: granted x 2
        """);

    /// <summary>
    /// Nothing is broken then. The answer's token is the living grant's: who fences with it shuts out
    /// what came before, and not the holder, as a raised one would.
    /// </summary>
    [Fact]
    public void Another_grant_than_the_expected_one_stays_and_is_not_fenced_out() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        break x token=9 id=k1; break x session=B id=k2; break x token=1 session=B id=k3
          operator <- k1: broken x 1
          operator <- k2: broken x 1
          operator <- k3: broken x 1
        beat A
          beat A holds x 1 a1
        break x token=1 session=A id=k4
          #2 event 2: lost x 1 a1 Broken
          operator <- k4: broken x 2, was held under 1
        acquire B x b1
          #3 event 3: granted x 3 b1
          B <- b1: granted x 3
        """);

    [Fact]
    public void A_break_among_waits_of_one_session_grants_the_next_of_it() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1; acquire A x a2 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x a2
          A <- a2: queued x behind 0
        break x session=A id=b1; break x token=1 id=b2
          #3 event 3: lost x 1 a1 Broken
          #4 event 4: granted x 3 a2 | A <- a2: granted x 3 via r1
          operator <- b1: broken x 2, was held under 1
          operator <- b2: broken x 3
        """);
}

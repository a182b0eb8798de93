using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class SessionTests
{
    [Fact]
    public void A_session_opens_once_and_its_repeat_is_answered_alike() => LockScript.Check("""
        open A
          A <- open-A: opened A
        open A
          A <- open-A: opened A
        open A id=other
          A <- other: SessionExists
        close A
          A <- close-A: closed A
        close A
          A <- close-A: closed A
        close A id=again
          A <- again: SessionUnknown
        """);

    [Fact]
    public void A_repeat_of_the_open_is_answered_alike_even_after_the_id_window() => LockScript.Check("""
        open A ttl=60000
          A <- open-A: opened A
        tick +2000
        tick +2000
        tick +2000
        open A ttl=60000
          A <- open-A: opened A
        """, window: 5_000);

    [Fact]
    public void A_session_expires_one_ttl_after_its_renewal_and_its_lock_passes_on() => LockScript.Check("""
        open A ttl=1000
          A <- open-A: opened A
        open B
          B <- open-B: opened B
        acquire A x a1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        acquire B x b1 wait=60000
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        beat A +900
          beat A holds x 1 a1
        tick +999
        tick +1
          #3 event 3: expired A
          #4 event 4: lost x 1 a1 SessionExpired
          #5 event 5: granted x 2 b1 | B <- b1: granted x 2 via r1
        beat A B
          beat A unknown, B holds x 2 b1
        """);

    [Fact]
    public void A_heartbeat_tells_what_the_session_holds_and_waits_for() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire A y a2; acquire B z b1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: granted y 2 a2
          A <- a2: granted y 2
          #3 event 3: granted z 3 b1
          B <- b1: granted z 3
        acquire A z a3 wait=1000
          #4 event 4: queued z a3
          A <- a3: queued z behind 0
        beat A nobody
          beat A holds x 1 a1 holds y 2 a2 waits a3, nobody unknown
        """);

    [Fact]
    public void Closing_ends_the_sessions_waits_before_its_locks_pass_on() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        acquire A x a2 wait=1000; acquire B x b1 wait=1000
          #2 event 2: queued x a2
          A <- a2: queued x behind 0
          #3 event 3: queued x b1
          B <- b1: queued x behind 1
        close A
          #4 | A <- a2: SessionUnknown via r1
          #5 event 4: lost x 1 a1 SessionClosed
          #6 event 5: granted x 2 b1 | B <- b1: granted x 2 via r1
          A <- close-A: closed A
        """);

    [Fact]
    public void Two_expiries_of_one_lock_within_one_entry_give_two_tokens() => LockScript.Check("""
        open A ttl=1000; open B ttl=1000; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1; acquire B x b1 wait=9000; acquire C x c1 wait=9000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
          #3 event 3: queued x c1
          C <- c1: queued x behind 1
        tick +1000
          #4 event 4: expired A
          #5 event 5: lost x 1 a1 SessionExpired
          #6 event 6: granted x 2 b1 | B <- b1: granted x 2 via r1
          #7 event 7: expired B
          #8 event 8: lost x 2 b1 SessionExpired
          #9 event 9: granted x 3 c1 | C <- c1: granted x 3 via r1
        """);

    [Fact]
    public void Sessions_expire_by_deadline_and_then_by_id() => LockScript.Check("""
        open C ttl=1000; open B ttl=1500; open A ttl=1500
          C <- open-C: opened C
          B <- open-B: opened B
          A <- open-A: opened A
        tick +2000
          #1 event 1: expired C
          #2 event 2: expired A
          #3 event 3: expired B
        """);

    [Fact]
    public void An_outage_of_any_length_costs_a_session_two_seconds() => LockScript.Check("""
        open A ttl=3000
          A <- open-A: opened A
        tick +86400000
        tick +999
        tick +1
          #1 event 1: expired A
        """);

    [Fact]
    public void Late_and_doubled_heartbeats_shorten_nothing() => LockScript.Check("""
        open A ttl=1000
          A <- open-A: opened A
        beat A; beat A +500
          beat A
          beat A
        tick +999
        tick +1
          #1 event 1: expired A
        """);

    [Fact]
    public void A_heartbeat_older_than_the_window_renews_nothing_and_has_no_answer() => LockScript.Check("""
        open A ttl=6000
          A <- open-A: opened A
        tick +2000
        tick +2000
        beat A +1000 issued=0
        tick +1000
          #1 event 1: expired A
        """, window: 5_000);
}

using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class AcquireTests
{
    [Fact]
    public void A_free_lock_is_granted_a_held_one_is_busy_without_a_wait() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        acquire B x b1
          B <- b1: LockBusy
        acquire A x a2
          A <- a2: LockBusy
        """);

    [Fact]
    public void Waiters_are_granted_first_come_first_served_with_growing_tokens() => LockScript.Check("""
        open A; open B; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        acquire A x a1; acquire C x c1 wait=5000; acquire B x b1 wait=5000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x c1
          C <- c1: queued x behind 0
          #3 event 3: queued x b1
          B <- b1: queued x behind 1
        release A x a1 1
          #4 event 4: released x 1 a1
          #5 event 5: granted x 2 c1 | C <- c1: granted x 2 via r1
          A <- release-A: released x 1
        release C x c1 2
          #6 event 6: released x 2 c1
          #7 event 7: granted x 3 b1 | B <- b1: granted x 3 via r1
          C <- release-C: released x 2
        release B x b1 3
          #8 event 8: released x 3 b1
          B <- release-B: released x 3
        acquire A x a2
          #9 event 9: granted x 4 a2
          A <- a2: granted x 4
        """);

    [Fact]
    public void Tokens_start_above_the_floor()
    {
        var script = new LockScript(floor: 7_000);
        script.Run("""
            open A
              A <- open-A: opened A
            acquire A x a1
              #1 event 1: granted x 7001 a1
              A <- a1: granted x 7001
            """);
    }

    [Fact]
    public void Two_acquires_of_one_session_exclude_each_other() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1; acquire A x a2 wait=1000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x a2
          A <- a2: queued x behind 0
        release A x a1 1
          #3 event 3: released x 1 a1
          #4 event 4: granted x 2 a2 | A <- a2: granted x 2 via r1
          A <- release-A: released x 1
        """);

    [Fact]
    public void A_wait_that_runs_out_is_refused_and_its_duplicate_hears_the_same() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire B x b1 wait=1000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        tick +999
        tick +1
          #3 | B <- b1: LockBusy via r1
        release A x a1 1
          #4 event 3: released x 1 a1
          A <- release-A: released x 1
        acquire B x b1 wait=1000
          B <- b1: LockBusy
        """);

    [Fact]
    public void A_lock_that_comes_free_in_the_instant_its_wait_ends_is_granted() => LockScript.Check("""
        open A ttl=1000; open B
          A <- open-A: opened A
          B <- open-B: opened B
        acquire A x a1; acquire B x b1 wait=1000
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x b1
          B <- b1: queued x behind 0
        tick +1000
          #3 event 3: expired A
          #4 event 4: lost x 1 a1 SessionExpired
          #5 event 5: granted x 2 b1 | B <- b1: granted x 2 via r1
        """);

    [Fact]
    public void Waits_of_one_instant_end_in_queue_order_across_names() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A z a1; acquire A b a2; acquire A z a3 wait=500; acquire A b a4 wait=500
          #1 event 1: granted z 1 a1
          A <- a1: granted z 1
          #2 event 2: granted b 2 a2
          A <- a2: granted b 2
          #3 event 3: queued z a3
          A <- a3: queued z behind 0
          #4 event 4: queued b a4
          A <- a4: queued b behind 0
        tick +500
          #5 | A <- a3: LockBusy via r1
          #6 | A <- a4: LockBusy via r1
        """);

    [Fact]
    public void The_next_deadline_is_the_earliest_of_sessions_and_waits()
    {
        var script = new LockScript();
        script.Machine.NextDeadline.ShouldBeNull();
        script.Apply("open A ttl=5000");
        var opened = script.Machine.Time;
        script.Machine.NextDeadline.ShouldBe(opened + 5_000);
        script.Apply("acquire A x a1; acquire A x a2 wait=300");
        script.Machine.NextDeadline.ShouldBe(opened + 300);
        script.Apply("cancel A a2");
        script.Machine.NextDeadline.ShouldBe(opened + 5_000);
        script.Apply("beat A +100");
        script.Machine.NextDeadline.ShouldBe(opened + 5_100);
        script.Apply("close A");
        script.Machine.NextDeadline.ShouldBeNull();
    }

    [Fact]
    public void A_refusal_without_a_wait_says_what_is_in_its_way()
    {
        var script = new LockScript();
        script.Apply("open A ttl=1000 delay=500; open B; open C");
        script.Apply("acquire A x a1; acquire B y b1 mode=shared; acquire C y c1 wait=9000");
        Why("acquire C x c2").ShouldBe("x is held, and the acquire waits 0 ms.");
        Why("acquire C z,y c3 mode=shared").ShouldBe(
            "y is waited for by others, and the acquire waits 0 ms.");
        script.Apply("tick +1000");
        Why("acquire C x c4 +100").ShouldBe(
            "x is in its lock delay for 400 ms more, and the acquire waits 0 ms.");

        string Why(string acquire) => script.Apply(acquire).OfType<LockEffect.Answer>()
            .ShouldHaveSingleItem().Reply.LockRefused!.Message;
    }

    [Fact]
    public void A_description_names_the_holder_and_the_waiters_in_order()
    {
        var script = new LockScript();
        script.Apply("open A; open B");
        script.Apply("acquire A x a1; acquire B x b1 wait=900; acquire A x a2 wait=900");
        script.Apply("tick +100");
        var lockState = script.Machine.Describe(new() { CommandId = "q", Name = "x" }).LockDescription!;
        lockState.CommandId.ShouldBe("q");
        lockState.Holders[0].AcquireId.ShouldBe("a1");
        lockState.Holders[0].Owner.ShouldBe("owner of A");
        lockState.Holders[0].FencingToken.Value.ShouldBe(1);
        lockState.Holders[0].HeldMilliseconds.ShouldBe(100);
        lockState.Waiters.Select(waiter => waiter.AcquireId).ShouldBe(["b1", "a2"]);
        lockState.Waiters[0].WaitedMilliseconds.ShouldBe(100);
        lockState.WaiterCount.ShouldBe(2);
        lockState.Freshness.ClusterId.ShouldBe("test");
        lockState.Freshness.Index.ShouldBe(script.Machine.LastIndex);
        var free = script.Machine.Describe(new() { Name = "y" }).LockDescription!;
        free.Holders.ShouldBeEmpty();
        free.Waiters.ShouldBeEmpty();
    }
}

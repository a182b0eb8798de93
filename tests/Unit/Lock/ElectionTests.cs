using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class ElectionTests
{
    private const string Boss = "muster:election:boss";

    [Fact]
    public void The_first_candidate_leads_and_a_resignation_makes_the_next_leader() => LockScript.Check($"""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        campaign A boss a1 value=host-a; campaign B boss b1 value=host-b wait=9000
          #1 event 1: granted {Boss} 1 a1
          #2 event 2: leader of boss: A 1 a1 'host-a'
          A <- a1: granted {Boss} 1
          #3 event 3: queued {Boss} b1
          B <- b1: queued {Boss} behind 0
        campaign B boss b2
          B <- b2: LockBusy
        resign A boss a1 1
          #4 event 4: released {Boss} 1 a1
          #5 event 5: granted {Boss} 2 b1 | B <- b1: granted {Boss} 2 via r1
          #6 event 6: leader of boss: B 2 b1 'host-b'
          A <- resign-A: released {Boss} 1
        resign B boss b1 2
          #7 event 7: released {Boss} 2 b1
          #8 event 8: leader of boss: none
          B <- resign-B: released {Boss} 2
        resign B boss b1 2 id=again
          B <- again: NotHeld
        """);

    [Fact]
    public void A_leader_that_is_lost_is_one_change_to_the_next() => LockScript.Check($"""
        open A ttl=1000; open B ttl=1000; open C
          A <- open-A: opened A
          B <- open-B: opened B
          C <- open-C: opened C
        campaign A boss a1; campaign B boss b1 wait=9000; campaign C boss c1 wait=9000 value=c
          #1 event 1: granted {Boss} 1 a1
          #2 event 2: leader of boss: A 1 a1 ''
          A <- a1: granted {Boss} 1
          #3 event 3: queued {Boss} b1
          B <- b1: queued {Boss} behind 0
          #4 event 4: queued {Boss} c1
          C <- c1: queued {Boss} behind 1
        tick +1000
          #5 event 5: expired A
          #6 event 6: lost {Boss} 1 a1 SessionExpired
          #7 event 7: granted {Boss} 2 b1 | B <- b1: granted {Boss} 2 via r1
          #8 event 8: leader of boss: B 2 b1 ''
          #9 event 9: expired B
          #10 event 10: lost {Boss} 2 b1 SessionExpired
          #11 event 11: granted {Boss} 3 c1 | C <- c1: granted {Boss} 3 via r1
          #12 event 12: leader of boss: C 3 c1 'c'
        break {Boss} id=b
          #13 event 13: lost {Boss} 3 c1 Broken
          #14 event 14: leader of boss: none
          operator <- b: broken {Boss} 4, was held under 3
        """);

    [Fact]
    public void A_close_and_a_cancel_of_the_leader_are_changes_too() => LockScript.Check($"""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        campaign A boss a1; campaign B boss b1 wait=9000
          #1 event 1: granted {Boss} 1 a1
          #2 event 2: leader of boss: A 1 a1 ''
          A <- a1: granted {Boss} 1
          #3 event 3: queued {Boss} b1
          B <- b1: queued {Boss} behind 0
        close A
          #4 event 4: lost {Boss} 1 a1 SessionClosed
          #5 event 5: granted {Boss} 2 b1 | B <- b1: granted {Boss} 2 via r1
          #6 event 6: leader of boss: B 2 b1 ''
          A <- close-A: closed A
        cancel B b1
          #7 event 7: released {Boss} 2 b1
          #8 event 8: leader of boss: none
          B <- cancel-B: cancelled b1, was held
        """);

    [Fact]
    public void A_waiting_candidate_is_cancelled_and_one_cancelled_in_advance_never_leads() =>
        LockScript.Check($"""
            open A; open B
              A <- open-A: opened A
              B <- open-B: opened B
            cancel B b0
              B <- cancel-B: cancelled b0
            campaign B boss b0
              B <- b0: AcquireCancelled
            campaign A boss a1; campaign B boss b1 wait=9000
              #1 event 1: granted {Boss} 1 a1
              #2 event 2: leader of boss: A 1 a1 ''
              A <- a1: granted {Boss} 1
              #3 event 3: queued {Boss} b1
              B <- b1: queued {Boss} behind 0
            cancel B b1 id=c2
              B <- c2: cancelled b1
            resign A boss a1 1
              #4 event 4: released {Boss} 1 a1
              #5 event 5: leader of boss: none
              A <- resign-A: released {Boss} 1
            """);

    [Theory]
    [InlineData("", "LockBusy")]
    [InlineData(" seq=1", "AlreadyAnswered")]
    public void A_copy_of_a_campaign_or_a_resignation_changes_nothing(string number, string later) =>
        LockScript.Check($"""
            open A; open B
              A <- open-A: opened A
              B <- open-B: opened B
            campaign A boss a1; campaign B boss b1 value=old{number}
              #1 event 1: granted {Boss} 1 a1
              #2 event 2: leader of boss: A 1 a1 ''
              A <- a1: granted {Boss} 1
              B <- b1: LockBusy
            resign A boss a1 1
              #3 event 3: released {Boss} 1 a1
              #4 event 4: leader of boss: none
              A <- resign-A: released {Boss} 1
            campaign B boss b1 value=new{number} via=r2
              B <- b1: LockBusy
            campaign B boss b2 value=b seq=2 below=2
              #5 event 5: granted {Boss} 2 b2
              #6 event 6: leader of boss: B 2 b2 'b'
              B <- b2: granted {Boss} 2
            resign A boss a1 1 via=r2
              A <- resign-A: released {Boss} 1
            campaign B boss b1 value=new{number}
              B <- b1: {later}
            campaign B boss b2 value=b seq=2 to=B2
              B2 <- b2: granted {Boss} 2
            """);

    [Fact]
    public void A_leader_proclaims_another_value_and_leads_on_under_its_token() => LockScript.Check($"""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        campaign A boss a1 value=host-a; campaign B boss b1 value=host-b wait=9000
          #1 event 1: granted {Boss} 1 a1
          #2 event 2: leader of boss: A 1 a1 'host-a'
          A <- a1: granted {Boss} 1
          #3 event 3: queued {Boss} b1
          B <- b1: queued {Boss} behind 0
        proclaim A boss a1 1 one id=p1; proclaim A boss a1 1 two id=p2
          #4 event 4: leader of boss: A 1 a1 'one'
          A <- p1: proclaimed boss 1 a1 by event 4
          #5 event 5: leader of boss: A 1 a1 'two'
          A <- p2: proclaimed boss 1 a1 by event 5
        proclaim A boss a1 1 two id=p3
          #6 event 6: leader of boss: A 1 a1 'two'
          A <- p3: proclaimed boss 1 a1 by event 6
        beat A B
          beat A holds {Boss} 1 a1, B waits b1
        resign A boss a1 1
          #7 event 7: released {Boss} 1 a1
          #8 event 8: granted {Boss} 2 b1 | B <- b1: granted {Boss} 2 via r1
          #9 event 9: leader of boss: B 2 b1 'host-b'
          A <- resign-A: released {Boss} 1
        """);

    [Fact]
    public void Nobody_but_the_leader_proclaims_and_a_former_one_changes_nothing() => LockScript.Check($"""
        open A ttl=9000; open B
          A <- open-A: opened A
          B <- open-B: opened B
        proclaim A boss a1 1 early
          A <- proclaim-A: NotHeld
        campaign A boss a1; campaign B boss b1 wait=9000 value=b
          #1 event 1: granted {Boss} 1 a1
          #2 event 2: leader of boss: A 1 a1 ''
          A <- a1: granted {Boss} 1
          #3 event 3: queued {Boss} b1
          B <- b1: queued {Boss} behind 0
        proclaim B boss b1 1 x id=p1; proclaim A boss a2 1 x id=p2; proclaim A boss a1 2 x id=p3
          B <- p1: NotHolder
          A <- p2: NotHolder
          A <- p3: NotHolder
        break {Boss} id=b
          #4 event 4: lost {Boss} 1 a1 Broken
          #5 event 5: granted {Boss} 3 b1 | B <- b1: granted {Boss} 3 via r1
          #6 event 6: leader of boss: B 3 b1 'b'
          operator <- b: broken {Boss} 2, was held under 1
        proclaim A boss a1 1 late id=p4; proclaim A boss a1 3 late id=p5
          A <- p4: NotHolder
          A <- p5: NotHolder
        close A; proclaim A boss a1 1 late id=p6
          A <- close-A: closed A
          A <- p6: SessionUnknown
        proclaim B boss b1 3 new
          #7 event 7: leader of boss: B 3 b1 'new'
          B <- proclaim-B: proclaimed boss 3 b1 by event 7
        """);

    [Theory]
    [InlineData("", "")]
    [InlineData(" seq=2", " seq=3")]
    public void A_copy_of_a_proclamation_does_not_bring_an_older_value_back(string first, string second) =>
        LockScript.Check($"""
            open A
              A <- open-A: opened A
            campaign A boss a1 value=old seq=1
              #1 event 1: granted {Boss} 1 a1
              #2 event 2: leader of boss: A 1 a1 'old'
              A <- a1: granted {Boss} 1
            proclaim A boss a1 1 one id=p1{first}
              #3 event 3: leader of boss: A 1 a1 'one'
              A <- p1: proclaimed boss 1 a1 by event 3
            proclaim A boss a1 1 two id=p2{second}
              #4 event 4: leader of boss: A 1 a1 'two'
              A <- p2: proclaimed boss 1 a1 by event 4
            proclaim A boss a1 1 one id=p1{first} via=r2; campaign A boss a1 value=old seq=1
              A <- p1: proclaimed boss 1 a1 by event 3
              A <- a1: granted {Boss} 1
            resign A boss a1 1; proclaim A boss a1 1 one id=p1{first}
              #5 event 5: released {Boss} 1 a1
              #6 event 6: leader of boss: none
              A <- resign-A: released {Boss} 1
              A <- p1: proclaimed boss 1 a1 by event 3
            """);

    [Fact]
    public void A_full_outbox_takes_no_new_value() => LockScript.Check($"""
        open A
          A <- open-A: opened A
        campaign A boss a1 value=old
          #1 event 1: granted {Boss} 1 a1
          #2 event 2: leader of boss: A 1 a1 'old'
          A <- a1: granted {Boss} 1
        proclaim A boss a1 1 new
          A <- proclaim-A: LimitReached
        claim r1 0; published 1 2
        proclaim A boss a1 1 new id=again
          #3 event 3: leader of boss: A 1 a1 'new'
          A <- again: proclaimed boss 1 a1 by event 3
        """, new() { MaxOutbox = 2 });

    [Fact]
    public void An_election_is_no_plain_locks_business_but_can_be_looked_at()
    {
        var script = LockScript.Check($"""
            open A; open B
              A <- open-A: opened A
              B <- open-B: opened B
            acquire A {Boss} a1
              A <- a1: NameInvalid
            acquire A boss a2; campaign B boss b1 value=b
              #1 event 1: granted boss 1 a2
              A <- a2: granted boss 1
              #2 event 2: granted {Boss} 2 b1
              #3 event 3: leader of boss: B 2 b1 'b'
              B <- b1: granted {Boss} 2
            campaign A boss a3 wait=900
              #4 event 4: queued {Boss} a3
              A <- a3: queued {Boss} behind 0
            beat B
              beat B holds {Boss} 2 b1
            """);
        script.Machine.Describe(new() { Name = Boss }).LockDescription!.Holders[0].AcquireId.ShouldBe("b1");
        var observed = script.Machine.Observe(new() { CommandId = "q", Election = "boss" }).LeaderObserved!;
        observed.CommandId.ShouldBe("q");
        observed.Election.ShouldBe("boss");
        observed.Leader.ShouldBe(new ElectionLeader
        {
            SessionId = "B",
            Owner = "owner of B",
            CampaignId = "b1",
            Value = "b",
            FencingToken = new(2),
        });
        observed.Candidates.ShouldBe(1);
        observed.Freshness.Index.ShouldBe(script.Machine.LastIndex);
    }

    [Fact]
    public void Nobody_leads_an_election_without_candidates_and_a_wrong_one_is_refused()
    {
        var machine = new LockScript().Machine;
        var observed = machine.Observe(new() { CommandId = "q", Election = "boss" }).LeaderObserved!;
        (observed.Leader, observed.Candidates).ShouldBe((null, 0));
        machine.Observe(new() { CommandId = "q", Election = "" }).LockRefused!
            .Reason.ShouldBe(LockRefusal.NameInvalid);
        new LockMachine().Observe(new() { Election = "boss" }).LockRefused!
            .Reason.ShouldBe(LockRefusal.NotReady);
    }

    [Fact]
    public void An_elections_name_may_have_200_bytes()
    {
        var name = new string('\u00e9', 100);
        LockValidation.CheckElection(name).ShouldBeNull();
        LockValidation.CheckElection(name + "e").ShouldNotBeNull().Reason.ShouldBe(LockRefusal.NameInvalid);
    }
}

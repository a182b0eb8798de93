using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

public sealed class StateTests
{
    [Fact]
    public void Versions_count_from_1_and_each_write_is_read_back()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Write("a", 1, 0, [1]).StateWritten!.StateVersion.ShouldBe(1);
        script.Write("a", 1, 1, [2, 3]).StateWritten!.StateVersion.ShouldBe(2);

        var recovered = script.Recover().StateRecovered!;

        recovered.State.ShouldBe([2, 3]);
        recovered.Group.StateVersion.ShouldBe(2);
        recovered.Freshness.Epoch.ShouldBe(7);
        script.Events.Count(one => one.StateUpdated is not null).ShouldBe(2);
    }

    [Fact]
    public void A_write_over_another_version_is_refused()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Write("a", 1, 0);

        script.Write("a", 1, 0).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.VersionMismatch);
        script.Write("a", 1, 5).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.VersionMismatch);
    }

    [Fact]
    public void A_repeated_write_is_done_once_and_answered_alike()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Write("a", 1, 0, [1], id: "w").StateWritten!.StateVersion.ShouldBe(1);
        script.Write("a", 1, 1, [2]);

        script.Write("a", 1, 0, [1], id: "w").StateWritten!.StateVersion.ShouldBe(1);

        script.Recover().StateRecovered!.State.ShouldBe([2]);
    }

    [Fact]
    public void A_write_under_the_id_of_another_members_write_is_refused()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        script.Write("a", 1, 0, [1], id: "w");
        script.Promote("b");
        script.Machine.Restore(script.Machine.TakeSnapshot());

        script.Write("b", 2, 1, [2], id: "w").RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.CommandIdInvalid);
        script.Write("a", 1, 0, [1], id: "w").StateWritten!.StateVersion.ShouldBe(1);

        script.Recover().StateRecovered!.State.ShouldBe([1]);
    }

    [Fact]
    public void A_standbys_write_and_a_former_epochs_are_refused()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        script.Write("b", 1, 0).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Promote("b");

        script.Write("a", 1, 0).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Write("a", 2, 0).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Write("b", 2, 0).StateWritten.ShouldNotBeNull();
    }

    [Fact]
    public void A_refused_write_of_the_future_is_not_done_by_its_late_copy()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Write("a", 1, 1, id: "early").RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.VersionMismatch);
        script.Write("a", 1, 0);

        script.Write("a", 1, 1, id: "early").RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.VersionMismatch);
    }

    [Fact]
    public void A_former_primary_that_hammers_uses_up_no_room()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxKeptCommandIds = 4 });
        script.Join("a");
        script.Join("b");
        script.Promote("b");
        for (var i = 0; i < 50; i++)
        {
            script.Write("a", 1, 0).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        }

        script.Promote("a").RecoveryAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void A_repeat_after_so_many_writes_that_nobody_knows_says_that_it_may_be_done()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        script.Write("a", 1, 0, id: "w").StateWritten.ShouldNotBeNull();
        for (var version = 1; version <= 16; version++)
        {
            script.Write("a", 1, 0, id: "w").StateWritten!.StateVersion.ShouldBe(1);
            script.Write("a", 1, version).StateWritten.ShouldNotBeNull();
        }
        script.Machine.Restore(script.Machine.TakeSnapshot());

        Refusal(script.Write("a", 1, 0, id: "w")).ShouldBe((RecoveryRefusal.VersionMismatch, true));
        // Who made these is known: not it.
        Refusal(script.Write("a", 1, 1, id: "x")).ShouldBe((RecoveryRefusal.VersionMismatch, false));
        Refusal(script.Write("a", 1, 17 + 1, id: "y")).ShouldBe((RecoveryRefusal.VersionMismatch, false));
        Refusal(script.Write("a", 1, -1, id: "z")).ShouldBe((RecoveryRefusal.VersionMismatch, false));
        script.Promote("b");
        Refusal(script.Write("a", 1, 0, id: "w")).ShouldBe((RecoveryRefusal.NotPrimary, true));
        Refusal(script.Write("a", 1, 17, id: "v")).ShouldBe((RecoveryRefusal.NotPrimary, false));

        static (RecoveryRefusal, bool) Refusal(RecoveryReply reply) =>
            (reply.RecoveryRefused!.Reason, reply.RecoveryRefused.MayBeDone);
    }

    [Fact]
    public void While_no_id_has_room_a_command_is_refused_for_now_and_done_later()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxKeptCommandIds = 2 });
        script.Join("a", group: "g1");
        script.Join("a", group: "g2");

        script.Join("a", id: "j", group: "g3").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.Overloaded);
        for (var i = 0; i < 301; i++)
        {
            script.Apply(after: 2_000);
        }

        script.Join("a", id: "j", group: "g3").RecoveryAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void States_are_bounded_each_and_together()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxStateBytes = 10, MaxTotalStateBytes = 15 });
        script.Join("a", group: "g1");
        script.Join("a", group: "g2");
        script.Write("a", 1, 0, new byte[11], group: "g1").RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.ArgumentInvalid);
        script.Write("a", 1, 0, new byte[10], group: "g1").StateWritten.ShouldNotBeNull();
        script.Write("a", 1, 0, new byte[6], group: "g2").RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.LimitReached);

        // What it replaces does not count.
        script.Write("a", 1, 1, new byte[9], group: "g1").StateWritten.ShouldNotBeNull();
        script.Write("a", 1, 0, new byte[6], group: "g2").StateWritten.ShouldNotBeNull();
    }

    [Fact]
    public void Nothing_that_makes_an_event_is_taken_while_too_many_wait()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxOutbox = 3 });
        script.Join("a");
        script.Write("a", 1, 0);
        script.Write("a", 1, 1);
        script.Write("a", 1, 2).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.LimitReached);

        script.Apply(RecoveryScript.Own(new() { OutboxClaim = new() { Replica = "r1" } }));
        script.Apply(RecoveryScript.Own(new() { OutboxPublished = new() { Epoch = 1, UpTo = 3 } }));

        script.Write("a", 1, 2).StateWritten.ShouldNotBeNull();
    }

    [Fact]
    public void A_copy_that_is_older_than_the_window_is_unknown_and_changes_nothing()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        for (var i = 0; i < 301; i++)
        {
            script.Apply(after: 2_000);
        }
        var effects = script.Machine.Apply(new()
        {
            Index = new(script.Index + 1),
            LogTime = script.LogTime,
            IssuedAt = 0,
            Body = RecoveryEntryCodec.Write(new()
            {
                Commands =
                [
                    new() { WithdrawStandby = new() { CommandId = "w", Group = "orders", Member = "a" } },
                ],
            }),
        });

        effects.OfType<RecoveryEffect.Answer>().ShouldHaveSingleItem().Reply.RecoveryUnknown
            .ShouldNotBeNull();
        script.State.Primary.ShouldBe("a");
    }

    [Fact]
    public void Events_are_caught_up_with_from_a_number_or_not_at_all()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxKeptEvents = 3 });
        script.Join("a");
        for (var i = 0; i < 4; i++)
        {
            script.Write("a", 1, i);
        }

        var read = script.Machine.ReadEvents(new() { FromNumber = 4 });
        read.Head.ShouldBe(5);
        read.Events.Select(one => one.StateUpdated!.StateVersion).ShouldBe([3, 4]);
        read.Events[0].StateUpdated!.Event.ShouldBe(
            new() { Group = "recovery", Epoch = 7, Index = new(5), Number = 4 });
        script.Machine.ReadEvents(new() { FromNumber = 2 }).IsTrimmed.ShouldBeTrue();
    }
}

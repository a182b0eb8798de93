using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

/// <summary>The ids of commands that are remembered: room for a whole fleet, and for the operator.</summary>
public sealed class CommandRoomTests
{
    [Fact]
    public void A_thousand_members_start_anew_and_an_operator_is_heard()
    {
        var script = new RecoveryScript();
        for (var number = 0; number < 1_000; number++)
        {
            var group = $"g{number}";
            Accepted(script.Ask(Policy(group)));
            Accepted(script.Join("a", group: group, session: "s1", membership: "m1"));
        }
        script.Apply(
            RecoveryScript.Own(new() { OutboxClaim = new() { Replica = "r1" } }),
            RecoveryScript.Own(new() { OutboxPublished = new() { Epoch = 1, UpTo = 1_000 } }));

        for (var number = 0; number < 1_000; number++)
        {
            var group = $"g{number}";
            Accepted(script.Ask(Withdrawal(group, "m1")));
            Accepted(script.Join("a", group: group, incarnation: "i2", session: "s2", membership: "m2"));
            Accepted(script.Join("a", group: group, incarnation: "i2", session: "s3", membership: "m2"));
            Accepted(script.Ask(Policy(group)));
        }

        Accepted(script.Ask(new()
        {
            PromoteStandby = new() { CommandId = "operator", Group = "g7", Member = "a" },
        }));
    }

    [Fact]
    public void Members_leave_an_operator_room_and_ticks_bring_back_theirs()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxKeptCommandIds = 128 });
        script.Lead("a");
        script.Join("b");
        script.Machine.NextDeadline.ShouldBeNull();
        for (var number = 2; number < 126; number++)
        {
            var group = $"g{number % 9}";
            Accepted(script.Join("c", group: group, session: $"s{number}"));
            Confirm(script, group);
        }
        Overloaded(script.Join("c", group: "more", id: "more"));
        Overloaded(script.Policy(id: "policy"));

        script.Promote("b").RecoveryAccepted.ShouldNotBeNull();
        script.Confirm("b", 2).RecoveryAccepted.ShouldNotBeNull();
        script.Remove(isForced: true).RecoveryAccepted.ShouldNotBeNull();
        Overloaded(script.Promote("c"));

        script.Machine.Restore(script.Machine.TakeSnapshot());
        var ticks = 0;
        for (; script.Machine.NextDeadline is not null && ticks < 1_000; ticks++)
        {
            script.Apply(after: 1_000);
        }
        ticks.ShouldBe(600, "the command window is ten minutes");
        script.Join("c", group: "more", id: "more").RecoveryAccepted.ShouldNotBeNull();
    }

    private static RecoveryAccepted Accepted(RecoveryReply reply) =>
        reply.RecoveryAccepted.ShouldNotBeNull(reply.RecoveryRefused?.Message);

    private static void Confirm(RecoveryScript script, string group) => Accepted(script.Ask(new()
    {
        ConfirmPromotion = new() { CommandId = "confirm", Group = group, Member = "c", GroupEpoch = 1 },
    }));

    private static void Overloaded(RecoveryReply reply) =>
        reply.RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.Overloaded);

    private static RecoveryEntryCommand Policy(string group) => new()
    {
        RegisterPolicy = new()
        {
            CommandId = Guid.NewGuid().ToString(),
            Group = group,
            Lock = "lock-of-" + group,
            VerifyMilliseconds = 600_000,
            IsAutomatic = true,
        },
    };

    private static RecoveryEntryCommand Withdrawal(string group, string membership) => new()
    {
        WithdrawStandby = new()
        {
            CommandId = Guid.NewGuid().ToString(),
            Group = group,
            Member = "a",
            Membership = membership,
        },
    };
}

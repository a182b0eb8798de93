using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Detector.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

public sealed class DetectorRestoreTests
{
    private static VotingScript Busy()
    {
        var script = new VotingScript(DetectorLimits.Default with { MaxKeptEvents = 3 });
        script.Votes("d1 a/i1 Failed Dead; d2 a/i1 Failed Dead; d1 b/i1 Suspected Slow; d3 c/i1 Left");
        script.Votes("d1 a/i2 Alive");
        script.Apply(
            new DetectorEntryCommand { OutboxClaim = new() { Replica = "r1" } },
            new DetectorEntryCommand { OutboxPublished = new() { Epoch = 1, UpTo = 3 } });
        return script;
    }

    [Fact]
    public void A_machine_made_of_a_snapshot_is_the_same_to_the_byte()
    {
        var script = Busy();
        var copy = new DetectorMachine();
        copy.Restore(script.Machine.TakeSnapshot());
        copy.TakeSnapshot().ShouldBe(script.Machine.TakeSnapshot());
        (copy.Digest(), copy.Time, copy.LastIndex, copy.StreamEpoch, copy.EventsHead).ShouldBe((
            script.Machine.Digest(), script.Machine.Time, script.Machine.LastIndex,
            script.Machine.StreamEpoch, script.Machine.EventsHead));
        (copy.Outbox.Owner, copy.Outbox.Count, copy.Outbox.LastNumber).ShouldBe(("r1", 2, 5));
        copy.ReadEvents(new() { FromNumber = 3 }).Events.Select(VotingScript.Text).ShouldBe(
            script.Machine.ReadEvents(new() { FromNumber = 3 }).Events.Select(VotingScript.Text));
        new DetectorMachine().TakeSnapshot().ShouldBe(Copied(new DetectorMachine()).TakeSnapshot());
    }

    [Fact]
    public void A_snapshot_that_is_damaged_or_of_another_version_is_a_format_error()
    {
        var machine = Busy().Machine;
        var good = machine.TakeSnapshot();
        var digest = machine.Digest();
        foreach (var bad in new byte[][]
        {
            [], [9, .. good[1..]], good[..^5], [1, (byte)'n'], [1, .. "{}"u8],
        })
        {
            Should.Throw<FormatException>(() => machine.Restore(bad));
        }
        machine.Digest().ShouldBe(digest);
    }

    [Fact]
    public void A_restoration_brings_the_verdicts_back_under_a_greater_epoch_and_without_old_events()
    {
        var backup = Busy();
        var state = backup.Machine.TakeSnapshot();
        var other = new VotingScript(null, "x1", "x2", "x3");
        other.Votes("x1 z/i Failed Path; x2 z/i Failed Path");
        other.Apply(new DetectorEntryCommand { OutboxClaim = new() { Replica = "r9" } });

        var restored = Restored(other, Restoration(state, "once"));

        (restored.CommandId, restored.Group, restored.Epoch, restored.Index).ShouldBe(
            ("once", "detector", 1_700_000_000_000, other.Machine.LastIndex));
        other.Machine.ReadVerdicts().Nodes.Keys.ShouldBe(["a", "b", "c"]);
        other.Machine.ReadVerdicts().Detectors.ShouldBe(["x1", "x2", "x3"]);
        (other.Machine.StreamEpoch, other.Machine.EventsHead).ShouldBe((1_700_000_000_000, 5));
        other.Machine.ReadEvents(new() { FromNumber = 5 }).IsTrimmed.ShouldBeTrue();
        (other.Machine.Outbox.Owner, other.Machine.Outbox.Epoch, other.Machine.Outbox.Count)
            .ShouldBe(("r9", 1, 0));
        other.Votes("x1 b/i1 Alive; x2 b/i1 Alive").ShouldBe(["6 restored b/i1 Suspected"]);
    }

    [Fact]
    public void The_same_command_restores_once_and_another_one_again()
    {
        var script = Busy();
        var state = script.Machine.TakeSnapshot();
        var first = Restored(script, Restoration(state, "once"));
        script.Votes("d1 n/i Suspected Path");
        Restored(script, Restoration(state, "once")).ShouldBe(first);
        script.Of("n").ShouldNotBeNull();
        Restored(script, Restoration(state, "twice")).Epoch.ShouldBe(first.Epoch + 1);
        script.Of("n").ShouldBeNull();
        Restored(script, Restoration(state, "once")).ShouldBe(first);
    }

    [Fact]
    public void A_damaged_foreign_or_unfounded_state_is_refused_and_changes_nothing()
    {
        var script = Busy();
        var state = script.Machine.TakeSnapshot();
        var before = script.Machine.ReadVerdicts().Nodes;
        var flipped = state.ToArray();
        flipped[state.Length / 2] ^= 1;
        var unfounded = new DetectorMachine().TakeSnapshot();
        foreach (var bad in new[]
        {
            Restoration(state, "b1") with { State = flipped },
            Restoration(state, "b2") with { Kind = "lock" },
            Restoration(state[..^3], "b3"),
            Restoration([2, .. state[1..]], "b4"),
            Restoration(unfounded, "b5"),
            Restoration(state, ""),
            Restoration(state, "b6") with { Epoch = -1 },
        })
        {
            var outcome = Outcome(script, bad);
            outcome.Restored.ShouldBeNull();
            outcome.Refused!.Message.ShouldNotBeEmpty();
            outcome.ReplyTo.ShouldBe(bad.ReplyTo);
        }
        script.Machine.ReadVerdicts().Nodes.ShouldBe(before);
        script.Machine.StreamEpoch.ShouldBe(7);
    }

    private static DetectorMachine Copied(DetectorMachine machine)
    {
        var copy = new DetectorMachine();
        copy.Restore(machine.TakeSnapshot());
        return copy;
    }

    private static StateRestoration Restoration(byte[] state, string id) => new()
    {
        CommandId = id,
        ReplyTo = ReplyAddress.Inbox("somebody"),
        Kind = DetectorMachine.MachineKind,
        State = state,
        Checksum = StateRestoration.ChecksumOf(state),
        Epoch = 1_700_000_000_000,
        TokenFloor = 1,
    };

    private static GroupStateRestored Restored(VotingScript script, StateRestoration restoration) =>
        Outcome(script, restoration).Restored.ShouldNotBeNull();

    private static RestorationOutcome Outcome(VotingScript script, StateRestoration restoration) =>
        script.Apply(new DetectorEntryCommand { StateRestoration = restoration })
            .OfType<DetectorEffect.Restoration>().ShouldHaveSingleItem().Outcome;
}

using Muster.Contracts;
using Muster.Decisions.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Decisions;

/// <summary>What is decided stays, whatever is restored.</summary>
public sealed class DecisionRestoreTests
{
    private const long Now = 1_700_000_000_000;

    [Fact]
    public void A_backup_comes_back_into_a_group_that_was_founded_anew()
    {
        var lost = new DecisionBench();
        var decided = lost.Propose("k", "one", "c1").ValueProposed!.Decision;
        var anew = new DecisionBench();

        var restored = anew.Restore(lost.Machine.TakeSnapshot(), "once", Now).Restored.ShouldNotBeNull();

        (restored.CommandId, restored.Group, restored.Epoch, restored.Index).ShouldBe(
            ("once", "decisions", Now, anew.Machine.LastIndex));
        var again = anew.Propose("k", "two").ValueProposed!;
        (again.Decision, again.IsOwn).ShouldBe((decided, false));
        anew.Propose("k", "one", "c1").ValueProposed!.IsOwn.ShouldBeTrue();
    }

    [Fact]
    public void What_was_decided_after_the_backup_stays()
    {
        var bench = new DecisionBench();
        bench.Propose("old", "1");
        var backup = bench.Machine.TakeSnapshot();
        var later = bench.Propose("new", "2").ValueProposed!.Decision;

        bench.Restore(backup).Restored.ShouldNotBeNull();

        (bench.Decided("old"), bench.Decided("new")).ShouldBe(("1", "2"));
        bench.Propose("new", "3").ValueProposed!.Decision.ShouldBe(later);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_both_know_a_key_the_first_decision_counts_whichever_is_restored(bool isOldRestored)
    {
        var first = new DecisionBench();
        first.Propose("k", "first");
        var second = new DecisionBench();
        second.Restore(new DecisionBench().Machine.TakeSnapshot(), epoch: Now); // a later life
        second.Propose("k", "second");
        var (into, from) = isOldRestored ? (second, first) : (first, second);

        into.Restore(from.Machine.TakeSnapshot()).Restored.ShouldNotBeNull();

        into.Decided("k").ShouldBe("first");
        into.Restart();
        into.Decided("k").ShouldBe("first");
    }

    [Fact]
    public void A_restoration_raises_the_epoch_and_its_events_start_anew()
    {
        var backup = new DecisionBench();
        backup.Propose("a", "1");
        backup.Propose("b", "2");
        var bench = new DecisionBench();
        bench.Propose("z", "9");
        bench.Apply(new DecisionEntryCommand { OutboxClaim = new() { Replica = "r9" } });

        bench.Restore(backup.Machine.TakeSnapshot(), epoch: Now);

        (bench.Machine.StreamEpoch, bench.Machine.EventsHead).ShouldBe((Now, 2));
        bench.Machine.ReadEvents(new() { FromNumber = 2 }).DecisionEventsRead!.IsTrimmed.ShouldBeTrue();
        (bench.Machine.Outbox.Owner, bench.Machine.Outbox.Epoch, bench.Machine.Outbox.Count)
            .ShouldBe(("r9", 1, 0));
        bench.Propose("c", "3");
        var one = bench.Events.ShouldHaveSingleItem();
        (one.Event.Number, one.Event.Epoch, one.Decision.Epoch).ShouldBe((3, Now, Now));
        bench.Restart();
        bench.Machine.List(new Muster.Contracts.Decisions.ListDecisions()).DecisionsListed!.Decisions
            .Select(decision => decision.Key).ShouldBe(["a", "b", "c", "z"]);
    }

    [Fact]
    public void The_same_command_restores_once_and_another_one_again()
    {
        var bench = new DecisionBench();
        bench.Propose("k", "v");
        var state = bench.Machine.TakeSnapshot();
        var first = bench.Restore(state, "once").Restored.ShouldNotBeNull();
        bench.Restore(state, "once").Restored.ShouldBe(first);
        bench.Restore(state, "twice").Restored!.Epoch.ShouldBe(first.Epoch + 1);
        bench.Restart();
        bench.Restore(state, "once").Restored.ShouldBe(first);
    }

    /// <summary>A full group takes what a backup brings all the same, and nothing new.</summary>
    [Fact]
    public void A_backup_beyond_the_limits_is_taken()
    {
        var backup = new DecisionBench();
        backup.Propose("a", "1");
        backup.Propose("b", "2");
        var bench = new DecisionBench(new() { MaxKeys = 1 });
        bench.Restore(backup.Machine.TakeSnapshot()).Restored.ShouldNotBeNull();
        bench.Decided("b").ShouldBe("2");
        bench.Propose("c", "3").DecisionRefused.ShouldNotBeNull();
    }

    [Fact]
    public void A_damaged_foreign_or_unfounded_state_is_refused_and_changes_nothing()
    {
        var bench = new DecisionBench();
        bench.Propose("k", "v");
        var state = bench.Machine.TakeSnapshot();
        var good = new StateRestoration
        {
            CommandId = "r",
            Kind = DecisionsMachine.MachineKind,
            State = state,
            Checksum = StateRestoration.ChecksumOf(state),
            ReplyTo = ReplyAddress.Inbox("ann"),
        };
        foreach (var bad in new[]
        {
            good with { Checksum = StateRestoration.ChecksumOf([1]) },
            good with { Kind = "lock" },
            With(good, state[..^3]),
            With(good, [2, .. state[1..]]),
            With(good, new DecisionsMachine().TakeSnapshot()),
            good with { CommandId = "" },
            good with { Epoch = -1 },
        })
        {
            var outcome = bench.Restore(bad);
            outcome.Restored.ShouldBeNull();
            outcome.Refused!.Message.ShouldNotBeEmpty();
            outcome.ReplyTo.ShouldBe(bad.ReplyTo);
        }
        (bench.Machine.StreamEpoch, bench.Decided("k")).ShouldBe((7, "v"));
    }

    private static StateRestoration With(StateRestoration restoration, byte[] state) =>
        restoration with { State = state, Checksum = StateRestoration.ChecksumOf(state) };
}

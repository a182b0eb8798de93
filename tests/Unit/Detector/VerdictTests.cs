using System.Text;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

public sealed class VerdictTests
{
    [Fact]
    public void The_first_accusation_suspects_and_a_majority_fails()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Suspected Path").ShouldBe(["1 suspected a/i1 Path d1"]);
        script.Votes("d2 a/i1 Suspected Path; d1 a/i1 Failed Path").ShouldBeEmpty();
        script.Of("a")!.Status.ShouldBe(NodeStatus.Suspected);
        script.Votes("d3 a/i1 Failed Dead").ShouldBe(["2 failed a/i1 Path d1,d3"]);
        script.Votes("d2 a/i1 Failed Dead").ShouldBeEmpty();
        (script.Of("a")!.Status, script.Of("a")!.Cause).ShouldBe((NodeStatus.Failed, FailureCause.Path));
    }

    [Fact]
    public void The_cause_is_what_most_name_and_dead_only_what_a_majority_of_all_names()
    {
        var script = new VotingScript(null, "d1", "d2", "d3", "d4", "d5");
        script.Votes("d1 a/i Failed Dead; d2 a/i Failed Path; d3 a/i Failed Path")
            .ShouldBe(["1 suspected a/i Dead d1", "2 failed a/i Path d1,d2,d3"]);
        new VotingScript().Votes("d2 b/i Failed Path; d1 b/i Failed Dead")
            .ShouldBe(["1 suspected b/i Path d2", "2 failed b/i Path d1,d2"]);
    }

    [Fact]
    public void One_detector_alone_fails_nobody_however_often_it_votes()
    {
        var script = new VotingScript();
        for (var i = 0; i < 5; i++)
        {
            script.Votes("d1 a/i1 Failed Path; d9 a/i1 Failed Path; d1 a/i1 Failed Dead");
        }
        script.Of("a")!.Status.ShouldBe(NodeStatus.Suspected);
        script.Of("a")!.Votes.Count.ShouldBe(1);
        script.Machine.EventsHead.ShouldBe(1);
    }

    [Fact]
    public void A_majority_that_heard_it_again_restores_and_one_is_not_enough()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Failed Path; d2 a/i1 Failed Path");
        script.Votes("d1 a/i1 Alive").ShouldBeEmpty();
        script.Of("a")!.Status.ShouldBe(NodeStatus.Failed);
        script.Votes("d3 a/i1 Alive").ShouldBe(["3 restored a/i1 Failed"]);
        script.Of("a")!.Status.ShouldBe(NodeStatus.Alive);
        script.Of("a")!.Votes.Single(vote => vote.IsAgainst).Detector.ShouldBe("d2");
        // The one that still holds it makes no new accusation by going further.
        script.Votes("d2 a/i1 Failed Dead").ShouldBeEmpty();
        script.Votes("d1 a/i1 Suspected Path").ShouldBe(["4 suspected a/i1 Path d1"]);
    }

    /// <summary>Else a detector that is gone would be half of every later majority.</summary>
    [Fact]
    public void An_accusation_from_before_the_last_restoration_is_no_word_in_the_next()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Failed Dead");
        script.Votes("d2 a/i1 Alive; d3 a/i1 Alive").ShouldBe(["2 restored a/i1 Suspected"]);
        script.Votes("d2 a/i1 Failed Dead").ShouldBe(["3 suspected a/i1 Dead d2"]);
        script.Votes("d1 a/i1 Failed Dead").ShouldBe(["4 failed a/i1 Dead d1,d2"]);
    }

    /// <summary>It was said before the accusation got worse, and proves nothing since.</summary>
    [Fact]
    public void An_earlier_word_for_a_node_does_not_restore_it_later()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Suspected Path; d3 a/i1 Alive");
        script.Votes("d1 a/i1 Failed Path; d2 a/i1 Failed Path").ShouldBe(["2 failed a/i1 Path d1,d2"]);
        script.Votes("d1 a/i1 Alive").ShouldBeEmpty();
        script.Votes("d3 a/i1 Alive").ShouldBe(["3 restored a/i1 Failed"]);
    }

    [Fact]
    public void A_node_fails_again_after_it_was_restored()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i Failed Path; d2 a/i Failed Path; d1 a/i Alive; d2 a/i Alive");
        script.Votes("d1 a/i Failed Dead; d3 a/i Failed Dead")
            .ShouldBe(["4 suspected a/i Dead d1", "5 failed a/i Dead d1,d3"]);
    }

    [Fact]
    public void A_new_incarnation_restores_at_once_and_votes_on_the_old_are_over()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Failed Dead; d2 a/i1 Failed Dead");
        script.Votes("d1 a/i2 Alive").ShouldBe(["3 restored a/i2 Failed"]);
        script.Votes("d3 a/i1 Failed Dead; d2 a/i1 Suspected Path").ShouldBeEmpty();
        script.Of("a")!.Incarnation.ShouldBe("i2");
    }

    [Fact]
    public void An_incarnation_that_another_follows_is_given_up_and_only_then_the_other_lives()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Alive").ShouldBeEmpty();
        script.Votes("d2 a/i2 Alive >i1=Dead").ShouldBe(["1 failed a/i1 Dead d2", "2 restored a/i2 Failed"]);
        script.Votes("d3 a/i2 Alive >i1; d1 a/i1 Alive; d1 a/i1 Left").ShouldBeEmpty();
        script.Votes("d1 a/i2 Suspected Path").ShouldBe(["3 suspected a/i2 Path d1"]);
        script.Votes("d1 a/i3 Failed Path >i2").ShouldBe(
            ["4 failed a/i2 Path d1", "5 restored a/i3 Failed", "6 suspected a/i3 Path d1"]);
        script.Of("a")!.Past.ShouldBe(["i1", "i2"]);
    }

    [Fact]
    public void A_late_word_for_an_unknown_incarnation_takes_no_living_ones_place()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Alive; d2 a/i0 Alive; d2 a/i0 Failed Dead; d3 a/i0 Left").ShouldBeEmpty();
        (script.Of("a")!.Incarnation, script.Of("a")!.Status).ShouldBe(("i1", NodeStatus.Alive));
        // Two detectors heard different ones follow the same: the log decides for the first.
        script.Votes("d1 a/i2 Alive >i1; d2 a/i3 Alive >i1; d3 a/i3 Failed Dead >i1")
            .ShouldBe(["1 failed a/i1 Path d1", "2 restored a/i2 Failed"]);
        script.Of("a")!.Incarnation.ShouldBe("i2");
    }

    [Fact]
    public void Who_left_is_missed_by_nobody()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Alive; d1 a/i1 Left").ShouldBe(["1 left a/i1"]);
        script.Votes("d2 a/i1 Left; d2 a/i1 Failed Path; d3 a/i1 Failed Path").ShouldBeEmpty();
        script.Of("a")!.Status.ShouldBe(NodeStatus.Left);
        script.Votes("d1 a/i2 Alive").ShouldBe(["2 restored a/i2 Left"]);
        (script.Of("a")!.Incarnation, script.Of("a")!.Status).ShouldBe(("i2", NodeStatus.Alive));
    }

    [Fact]
    public void Who_leaves_while_it_is_accused_has_left()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i Failed Path; d2 a/i Failed Path");
        script.Votes("d3 a/i Left").ShouldBe(["3 left a/i"]);
        script.Votes("d1 a/i Alive; d2 a/i Alive").ShouldBeEmpty();
    }

    [Fact]
    public void A_node_is_recorded_with_the_first_word_for_it_and_with_what_it_promises()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i1 Alive; d2 a/i1 Alive").ShouldBeEmpty();
        var record = script.Of("a")!;
        (record.Incarnation, record.Status, record.IntervalMilliseconds)
            .ShouldBe(("i1", NodeStatus.Alive, 1_000));
        var copy = new DetectorMachine();
        copy.Restore(script.Machine.TakeSnapshot());
        copy.ReadVerdicts().Nodes["a"].IntervalMilliseconds.ShouldBe(1_000);
        script.Apply(new DetectorEntryCommand
        {
            Vote = new() { Detector = "d3", Node = "a", Incarnation = "i1", IntervalMilliseconds = 60_000 },
        }).ShouldBeEmpty();
        script.Votes("d1 a/i1 Alive");
        script.Of("a")!.IntervalMilliseconds.ShouldBe(60_000, "the longest promise counts");
    }

    [Fact]
    public void A_single_detector_is_its_own_majority()
    {
        var script = new VotingScript(null, "d1");
        script.Votes("d1 a/i Failed Dead").ShouldBe(["1 suspected a/i Dead d1", "2 failed a/i Dead d1"]);
        script.Votes("d1 a/i Alive").ShouldBe(["3 restored a/i Failed"]);
    }

    [Fact]
    public void Of_two_detectors_both_must_agree()
    {
        var script = new VotingScript(null, "d1", "d2");
        script.Votes("d1 a/i Failed Dead").ShouldBe(["1 suspected a/i Dead d1"]);
        script.Votes("d2 a/i Failed Dead").ShouldBe(["2 failed a/i Dead d1,d2"]);
        script.Votes("d1 a/i Alive").ShouldBeEmpty();
        script.Votes("d2 a/i Alive").ShouldBe(["3 restored a/i Failed"]);
    }

    [Theory]
    [InlineData("""{"detector":"d1","node":"a","incarnation":"i","status":"Suspected","cause":"None"}""")]
    [InlineData("""{"detector":"d1","node":"a","incarnation":"i","status":"Alive","cause":"Dead"}""")]
    [InlineData("""{"detector":"d1","node":"a","incarnation":"i","status":99,"cause":1}""")]
    [InlineData("""{"detector":"d1","node":"","incarnation":"i","status":"Failed","cause":"Dead"}""")]
    [InlineData("""{"detector":"d1","node":null,"status":"Failed","cause":"Dead"}""")]
    [InlineData("""{"detector":"d1","node":"a","incarnation":"i","intervalMilliseconds":-1}""")]
    [InlineData("""{"detector":null,"node":"a","incarnation":"i","status":"Failed","cause":"Dead"}""")]
    public void A_vote_that_makes_no_sense_changes_nothing_and_stops_nobody(string vote)
    {
        var script = new VotingScript();
        var before = script.Machine.ReadVerdicts().Nodes;
        script.Machine.Apply(script.Entry() with
        {
            Body = Encoding.UTF8.GetBytes($$"""{"version":1,"commands":[{"vote":{{vote}}}]}"""),
        }).ShouldBeEmpty();
        script.Machine.ReadVerdicts().Nodes.ShouldBe(before);
    }

    [Theory]
    [InlineData("""{"version":2,"commands":[]}""")]
    [InlineData("""{"version":1,"commands":[{}]}""")]
    [InlineData("""{"version":1,"commands":[{"later":{}}]}""")]
    [InlineData("""{"version":1,"commands":[{"vote":{},"outboxClaim":{}}]}""")]
    [InlineData("nonsense")]
    public void What_this_build_does_not_know_stops_the_replica(string body)
    {
        var script = new VotingScript();
        var before = script.Machine.Digest();
        Should.Throw<FormatException>(() => script.Machine.Apply(
            script.Entry() with { Body = Encoding.UTF8.GetBytes(body) }));
        script.Machine.Digest().ShouldBe(before);
    }

    [Fact]
    public void Before_the_group_is_founded_votes_count_nothing_and_the_first_genesis_wins()
    {
        var machine = new DetectorMachine();
        var vote = new Vote
        {
            Detector = "d1",
            Node = "a",
            Incarnation = "i",
            Status = NodeStatus.Failed,
            Cause = FailureCause.Dead,
        };
        machine.Apply(Entry(1, new() { Vote = vote })).ShouldBeEmpty();
        machine.IsInitialized.ShouldBeFalse();
        machine.Apply(Entry(2, new() { Genesis = new() { Detectors = ["d1"], Epoch = 5 } }));
        machine.Apply(Entry(3, new() { Genesis = new() { Detectors = ["d2"], Epoch = 6 } }));
        machine.ReadVerdicts().Detectors.ShouldBe(["d1"]);
        machine.StreamEpoch.ShouldBe(5);
        Should.Throw<ArgumentException>(() => Entry(4, new() { Genesis = new() }));

        static AppliedEntry Entry(long index, DetectorEntryCommand command) => new()
        {
            Index = new(index),
            LogTime = index,
            Body = DetectorEntryCodec.Write(new DetectorEntry { Commands = [command] }),
        };
    }

    [Fact]
    public void Places_are_bounded_and_the_suspected_keep_theirs()
    {
        var script = new VotingScript(DetectorLimits.Default with { MaxNodes = 2 });
        script.Votes("d1 a/i Suspected Path");
        script.Votes("d1 b/i Failed Path; d2 b/i Failed Path");
        script.Votes("d1 c/i Suspected Path").Count.ShouldBe(1);
        script.Of("b").ShouldBeNull();
        script.Votes("d1 d/i Failed Path; d2 d/i Failed Path").ShouldBeEmpty();
        script.Machine.ReadVerdicts().Nodes.Keys.ShouldBe(["a", "c"]);
    }

    [Fact]
    public void Those_that_live_give_way_to_the_accused_and_to_those_that_leave_and_not_to_each_other()
    {
        var script = new VotingScript(DetectorLimits.Default with { MaxNodes = 2 });
        script.Votes("d1 a/i Alive; d1 b/i Left");
        script.Machine.ReadVerdicts().FreePlaces.ShouldBe(1);
        script.Votes("d1 c/i Alive").ShouldBeEmpty();
        script.Machine.ReadVerdicts().Nodes.Keys.ShouldBe(["a", "c"], "b has left");
        script.Machine.ReadVerdicts().FreePlaces.ShouldBe(0);
        script.Votes("d1 d/i Alive");
        script.Of("d").ShouldBeNull();
        script.Votes("d1 e/i Suspected Path").Count.ShouldBe(1);
        script.Votes("d1 f/i Left").ShouldBe(["3 left f/i"]);
        script.Machine.ReadVerdicts().Nodes.Keys.ShouldBe(["e", "f"]);
    }

    [Fact]
    public void Old_verdicts_are_forgotten_by_log_time_but_nobody_who_may_live()
    {
        var script = new VotingScript();
        script.Votes("d1 a/i Suspected Path; d1 b/i Failed Path; d2 b/i Failed Path; d1 c/i Left");
        script.Votes("d1 d/i Alive");
        script.LogTime += 86_000_000;
        script.Votes("d1 x/i Left");
        script.Machine.ReadVerdicts().Nodes.Count.ShouldBe(5);
        script.LogTime += 3_700_000;
        script.Votes("d2 x/i Left");
        script.Machine.ReadVerdicts().Nodes.Keys.ShouldBe(["a", "d", "x"]);
    }

    [Fact]
    public void A_full_outbox_takes_no_votes_until_it_is_published()
    {
        var script = new VotingScript(DetectorLimits.Default with { MaxOutbox = 1 });
        script.Votes("d1 a/i Suspected Path; d1 b/i Suspected Path").Count.ShouldBe(1);
        script.Apply(
            new DetectorEntryCommand { OutboxClaim = new() { Replica = "r1" } },
            new DetectorEntryCommand { OutboxPublished = new() { Epoch = 1, UpTo = 1 } });
        script.Votes("d1 b/i Suspected Path").ShouldBe(["2 suspected b/i Path d1"]);
    }

    [Fact]
    public void Events_carry_epoch_index_and_order_and_can_be_read_again_until_they_are_trimmed()
    {
        var script = new VotingScript(DetectorLimits.Default with { MaxKeptEvents = 3 });
        var events = script.Apply(
            [.. script.Machine.ReadVerdicts().Detectors.Take(2).Select(detector => new DetectorEntryCommand
            {
                Vote = new()
                {
                    Detector = detector, Node = "a", Incarnation = "i", Status = NodeStatus.Failed,
                    Cause = FailureCause.Path,
                },
            })]);
        var ids = events.OfType<DetectorEffect.Delivery>().Select(effect => effect.Item.EventId!).ToList();
        ids.Select(id => (id.Group, id.Epoch, id.Index.Value, id.Ordinal, id.Number))
            .ShouldBe([("detector", 7, 2, 0, 1), ("detector", 7, 2, 1, 2)]);
        script.Votes("d1 a/i Alive; d2 a/i Alive; d1 a/i Suspected Path");
        var read = script.Machine.ReadEvents(new() { CommandId = "q", FromNumber = 2 });
        read.Events.Select(VotingScript.Text).ShouldBe(
            ["2 failed a/i Path d1,d2", "3 restored a/i Failed", "4 suspected a/i Path d1"]);
        (read.Head, read.IsTrimmed, read.Freshness.Epoch).ShouldBe((4, false, 7));
        script.Machine.ReadEvents(new() { FromNumber = 1 }).IsTrimmed.ShouldBeTrue();
        script.Machine.ReadEvents(new() { FromNumber = 5 }).Events.ShouldBeEmpty();
    }
}

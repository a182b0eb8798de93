using System.Collections.Immutable;
using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Muster.Detector.Judging;
using Muster.Detector.Machine;
using Shouldly;
using Xunit;

namespace Muster.Detector.Tests;

public sealed class VoteBookTests
{
    private const long Patience = 1_000;
    private const int MostNodes = 300;

    private readonly VoteBook _book = new("d1", "s", Patience);
    private readonly Judge _judge = new(
        new() { Suspicion = new PlainTimeout(1_000_000, 8), FailAfter = 2_000_000, MostNodes = MostNodes },
        "d1", "s");

    private long _now;
    private long _beats;

    public VoteBookTests()
    {
        _judge.Link(isUp: true);
        Beat();
        HearMyself(10);
    }

    [Fact]
    public void Who_is_new_is_told_until_the_log_knows_it_and_not_with_every_beat()
    {
        var vote = Due(View()).ShouldHaveSingleItem();
        (vote.Node, vote.Incarnation, vote.Status, vote.IntervalMilliseconds)
            .ShouldBe(("a", "i1", NodeStatus.Alive, 100));
        Beat();
        Due(View()).ShouldBeEmpty();
        _now += Patience;
        Due(View()).ShouldBe([vote]);
        for (var i = 0; i < 50; i++)
        {
            Beat();
            _now += Patience;
            Due(View(Record(NodeStatus.Alive, 5))).ShouldBeEmpty();
        }
    }

    [Fact]
    public void In_a_full_log_nobody_asks_for_a_place_before_it_is_accused()
    {
        Due(View() with { FreePlaces = 0 }).ShouldBeEmpty();
        HearMyself(1_500);
        Due(View() with { FreePlaces = 0 }).ShouldHaveSingleItem().Status.ShouldBe(NodeStatus.Suspected);
    }

    /// <summary>
    /// All others would find it taken, and each of three detectors would ask for all of them.
    /// </summary>
    [Fact]
    public void For_one_place_one_node_asks_and_no_other_before_the_log_has_answered()
    {
        for (var i = 0; i < 10; i++)
        {
            Beat("b" + i);
        }
        var left = View(Record(NodeStatus.Left, 5) with { Node = "z" }) with { FreePlaces = 1 };
        var vote = Due(left).ShouldHaveSingleItem();
        vote.Node.ShouldBe("a");
        Due(left).ShouldBeEmpty();
        _now += Patience;
        Due(left).ShouldBe([vote]);
        var taken = View(Record(NodeStatus.Alive, 6)) with { FreePlaces = 2 };
        Due(taken).Select(next => next.Node).ShouldBe(["b0", "b1"]);
    }

    [Fact]
    public void Whom_it_only_waits_for_it_tells_of_when_it_is_missed_or_heard()
    {
        _judge.Expect("b", "i1", 100, [], _now);
        Due(View(Record(NodeStatus.Alive, 5))).ShouldBeEmpty();
        HearMyself(3_000);
        Due(View(Record(NodeStatus.Alive, 5))).Select(vote => (vote.Node, vote.Status))
            .ShouldBe([("a", NodeStatus.Failed), ("b", NodeStatus.Failed)]);
    }

    [Fact]
    public void Accusations_go_before_first_words_and_the_rest_of_these_goes_the_next_time()
    {
        for (var i = 0; i < VoteBook.MostAtATime + 10; i++)
        {
            Beat("a" + i);
        }
        Beat("z");
        _judge.Hear(
            new()
            {
                Node = "z",
                Incarnation = "i1",
                Number = ++_beats,
                IntervalMilliseconds = 100,
                IsLast = true,
            },
            _now);
        var due = Due(View());
        (due.Count, due[0].Node).ShouldBe((VoteBook.MostAtATime, "z"));
        Due(View()).Count.ShouldBe(1 + 10 + 1);
    }

    /// <summary>Else who comes after a death, and finds no place, hides it.</summary>
    [Fact]
    public void The_end_of_a_node_is_told_though_more_nodes_beat_than_there_are_places()
    {
        for (var round = 0; round < 30; round++)
        {
            for (var i = 1; i < MostNodes; i++)
            {
                Beat("b" + i);
            }
            HearMyself(100);
        }
        _judge.Find("a")!.Status.ShouldBe(NodeStatus.Failed);

        Beat("c");

        _judge.Find("c").ShouldBeNull();
        var known = Record(NodeStatus.Alive, 5);
        var vote = Due(View(known)).Single(vote => vote.Node == "a");
        vote.Status.ShouldBe(NodeStatus.Failed);
        Beat("c");
        _judge.Find("c").ShouldBeNull("its vote may be lost");
        Due(View(known with { Status = NodeStatus.Suspected, Votes = [Held(vote)] }));
        Beat("c");
        _judge.Find("c").ShouldNotBeNull();
        _judge.Find("a").ShouldBeNull();
    }

    [Fact]
    public void A_longer_promise_is_told_and_a_shorter_one_is_not()
    {
        var shorter = Record(NodeStatus.Alive, 5) with { IntervalMilliseconds = 40 };
        Due(View(shorter)).ShouldHaveSingleItem().IntervalMilliseconds.ShouldBe(100);
        _now += Patience;
        Due(View(shorter with { IntervalMilliseconds = 200 })).ShouldBeEmpty();
    }

    [Fact]
    public void A_vote_is_repeated_until_the_log_shows_it_and_no_sooner_than_needed()
    {
        HearMyself(1_500);
        var vote = Due(View()).ShouldHaveSingleItem();
        (vote.Node, vote.Status, vote.Cause, vote.Detector)
            .ShouldBe(("a", NodeStatus.Suspected, FailureCause.Path, "d1"));
        Due(View()).ShouldBeEmpty();
        _now += Patience;
        Due(View()).ShouldBe([vote]);
        _now += Patience;
        Due(View(Record(NodeStatus.Suspected, 5, Held(vote)))).ShouldBeEmpty();
    }

    [Fact]
    public void What_the_log_showed_and_forgot_is_not_told_twice_unless_the_group_lives_anew()
    {
        HearMyself(1_500);
        var vote = Due(View()).ShouldHaveSingleItem();
        Due(View(Record(NodeStatus.Suspected, 5, Held(vote)))).ShouldBeEmpty();
        _now += Patience;
        Due(View()).ShouldBeEmpty();
        Due(View() with { Freshness = new() { Epoch = 9 } })
            .ShouldBe([vote with { Number = vote.Number + 1 }]);
    }

    [Fact]
    public void A_word_for_the_accused_needs_a_beat_that_came_after_the_accusation()
    {
        var accused = View(Record(NodeStatus.Suspected, 5, Against("d2")));
        Due(accused).ShouldBeEmpty();
        _now += Patience;
        Due(accused).ShouldBeEmpty();
        Beat();
        Due(accused).ShouldHaveSingleItem().Status.ShouldBe(NodeStatus.Alive);
        // And another one when it got worse meanwhile.
        var worse = View(Record(NodeStatus.Failed, 6, Against("d2")));
        _now += Patience;
        Due(worse).ShouldBeEmpty();
        Beat();
        Due(worse).ShouldHaveSingleItem().Status.ShouldBe(NodeStatus.Alive);
    }

    [Fact]
    public void An_accusation_of_its_own_is_taken_back_with_the_next_beat()
    {
        HearMyself(1_500);
        var vote = Due(View()).ShouldHaveSingleItem();
        var shown = View(Record(NodeStatus.Suspected, 5, Held(vote)));
        Due(shown).ShouldBeEmpty();
        Beat();
        var next = Due(shown).ShouldHaveSingleItem();
        next.Status.ShouldBe(NodeStatus.Alive);
        (vote.From, next.From).ShouldBe(("s", "s"));
        next.Number.ShouldBeGreaterThan(vote.Number);
    }

    [Fact]
    public void A_newer_incarnation_is_told_and_one_that_is_over_is_not()
    {
        var old = Record(NodeStatus.Failed, 5, Against("d2"));
        Due(View(old with { Incarnation = "i0" })).ShouldHaveSingleItem().Incarnation.ShouldBe("i1");
        _now += Patience;
        Due(View(old with { Incarnation = "i2", Past = ["i1"] })).ShouldBeEmpty();
    }

    [Fact]
    public void Who_left_by_the_log_needs_no_more_votes()
    {
        HearMyself(3_000);
        Due(View(Record(NodeStatus.Left, 5))).ShouldBeEmpty();
        Due(View()).ShouldBeEmpty("and when the log has forgotten it, it is old news");
    }

    [Fact]
    public void One_that_was_heard_to_follow_the_logs_is_told_with_that()
    {
        HearMyself(300);
        for (var i = 0; i < 3; i++)
        {
            _judge.Hear(
                new() { Node = "a", Incarnation = "i2", Number = i, IntervalMilliseconds = 100 }, _now);
            HearMyself(100);
        }
        var vote = Due(View(Record(NodeStatus.Alive, 5))).ShouldHaveSingleItem();
        (vote.Incarnation, vote.Status, vote.Follows).ShouldBe(("i2", NodeStatus.Alive, "i1"));
        Due(View(Record(NodeStatus.Alive, 6) with { Incarnation = "i3" })).ShouldBeEmpty();
    }

    private IReadOnlyList<Vote> Due(VerdictView view) => _book.Due(_judge, view, _now);

    private void Beat(string node = "a") => _judge.Hear(
        new() { Node = node, Incarnation = "i1", Number = ++_beats, IntervalMilliseconds = 100 }, _now);

    private void HearMyself(long milliseconds)
    {
        for (var end = _now + (milliseconds * 1_000); _now < end; _now += 10_000)
        {
            _judge.Hear(new() { Node = "d1", Incarnation = "s", Number = _now }, _now);
            _judge.Tick(_now);
        }
    }

    private static VerdictView View(params IReadOnlyList<NodeRecord> records) => new()
    {
        Detectors = ["d1", "d2", "d3"],
        Nodes = records.ToImmutableSortedDictionary(
            record => record.Node, record => record, StringComparer.Ordinal),
        FreePlaces = int.MaxValue,
        Freshness = new() { Epoch = 1 },
    };

    private static NodeRecord Record(
        NodeStatus status, long changedAt, params IReadOnlyList<HeldVote> votes) => new()
        {
            Node = "a",
            Incarnation = "i1",
            IntervalMilliseconds = 100,
            Status = status,
            ChangedAt = new(changedAt),
            Votes = votes,
        };

    private static HeldVote Held(Vote vote) =>
        new() { Detector = vote.Detector, Status = vote.Status, Cause = vote.Cause };

    private static HeldVote Against(string detector) =>
        new() { Detector = detector, Status = NodeStatus.Suspected, Cause = FailureCause.Path };
}

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

    private readonly VoteBook _book = new("d1", Patience);
    private readonly Judge _judge = new(
        new() { Suspicion = new PlainTimeout(1_000_000, 8), FailAfter = 2_000_000 }, "d1", "s");

    private long _now;
    private long _beats;

    public VoteBookTests()
    {
        _judge.Link(isUp: true);
        Beat();
        HearMyself(10);
    }

    [Fact]
    public void Nobody_is_voted_on_before_somebody_accuses() => Due(View()).ShouldBeEmpty();

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
        Due(View() with { Freshness = new() { Epoch = 9 } }).ShouldBe([vote]);
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
        Due(shown).ShouldHaveSingleItem().Status.ShouldBe(NodeStatus.Alive);
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
    }

    private IReadOnlyList<Vote> Due(VerdictView view) => _book.Due(_judge, view, _now);

    private void Beat() => _judge.Hear(
        new() { Node = "a", Incarnation = "i1", Number = ++_beats, IntervalMilliseconds = 100 }, _now);

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
        Freshness = new() { Epoch = 1 },
    };

    private static NodeRecord Record(
        NodeStatus status, long changedAt, params IReadOnlyList<HeldVote> votes) => new()
        {
            Node = "a",
            Incarnation = "i1",
            Status = status,
            ChangedAt = new(changedAt),
            Votes = votes,
        };

    private static HeldVote Held(Vote vote) =>
        new() { Detector = vote.Detector, Status = vote.Status, Cause = vote.Cause };

    private static HeldVote Against(string detector) =>
        new() { Detector = detector, Status = NodeStatus.Suspected, Cause = FailureCause.Path };
}

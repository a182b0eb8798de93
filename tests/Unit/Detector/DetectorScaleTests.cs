using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Muster.Detector.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

/// <summary>What a full log and a full judge cost: the same, however many nodes fill them.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class DetectorScaleTests
{
    private const int Few = 100;
    private const int Many = 10_000;

    /// <summary>A walk through the records would cost the second a hundred times the first.</summary>
    [Fact]
    public void Votes_that_find_no_place_cost_the_same_in_a_large_log_as_in_a_small_one()
    {
        var (few, many) = (FullLog(Few), FullLog(Many));
        MeasuredAlone.Ratio(5, turn => Votes(few, "new", turn), turn => Votes(many, "new", turn))
            .ShouldBeLessThan(5);
        few.Machine.ReadVerdicts().FreePlaces.ShouldBe(0);
        many.Machine.ReadVerdicts().FreePlaces.ShouldBe(0);
    }

    [Fact]
    public void Beats_of_nodes_that_find_no_place_cost_the_same_beside_many_judged_ones_as_beside_few()
    {
        var (few, many) = (FullJudge(Few), FullJudge(2 * Many));
        MeasuredAlone.Ratio(5, _ => Beats(few), _ => Beats(many)).ShouldBeLessThan(5);
        (few.Nodes.Count, many.Nodes.Count).ShouldBe((Few, 2 * Many));
        few.Overflow.ShouldBe(many.Overflow);
    }

    private static VotingScript FullLog(int nodes)
    {
        var script = new VotingScript(DetectorLimits.Default with { MaxNodes = nodes });
        script.Apply([.. Enumerable.Range(0, nodes).Select(number => FirstWord($"n{number}"))]);
        script.Machine.ReadVerdicts().Nodes.Count.ShouldBe(nodes);
        return script;
    }

    /// <summary>As many as three detectors cast at a time.</summary>
    private static void Votes(VotingScript script, string prefix, int turn) => script.Apply(
        [.. Enumerable.Range(0, 768).Select(number => FirstWord($"{prefix}{turn}-{number}"))]);

    private static DetectorEntryCommand FirstWord(string node) => new()
    {
        Vote = new() { Detector = "d1", Node = node, Incarnation = "i", IntervalMilliseconds = 1_000 },
    };

    private static Judge FullJudge(int nodes)
    {
        var judge = new Judge(
            new() { Suspicion = new PlainTimeout(1_000_000, 8), MostNodes = nodes }, "d1", "s");
        judge.Link(isUp: true);
        for (var number = 0; number < nodes; number++)
        {
            judge.Hear(BeatOf($"n{number}"), 0);
        }
        return judge;
    }

    private static void Beats(Judge judge)
    {
        for (var number = 0; number < 1_000; number++)
        {
            judge.Hear(BeatOf($"x{number}"), 0);
        }
    }

    private static Heartbeat BeatOf(string node) =>
        new() { Node = node, Incarnation = "i", Number = 1, IntervalMilliseconds = 1_000 };
}

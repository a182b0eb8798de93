using System.Globalization;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Detector;

/// <summary>
/// A machine of three detectors, d1 to d3, fed with votes in a line: <c>d1 a/i1 Suspected Path</c>, or <c>d1
/// a/i2 Alive >i1=Dead</c> for one that was heard to follow i1, whose connection was closed, or <c>d1 a/i1
/// Alive #s1=3</c> for the third word of the detector's process s1. Gives the events as lines: <c>1 failed
/// a/i1 Path d1,d2</c>.
/// </summary>
internal sealed class VotingScript
{
    private long _index;

    public VotingScript(DetectorLimits? limits = null, params IReadOnlyList<string> detectors)
    {
        Apply(new DetectorEntryCommand
        {
            Genesis = new()
            {
                Epoch = 7,
                ClusterId = "test",
                Group = "detector",
                Detectors = detectors.Count > 0 ? detectors : ["d1", "d2", "d3"],
                Limits = limits ?? DetectorLimits.Default,
            },
        });
    }

    public DetectorMachine Machine { get; } = new();

    public long LogTime { get; set; } = 1_000;

    public NodeRecord? Of(string node) => Machine.ReadVerdicts().Nodes.GetValueOrDefault(node);

    public IReadOnlyList<string> Votes(string votes) => Texts(Apply(
        [.. votes.Split(';').Select(vote => new DetectorEntryCommand { Vote = Parse(vote) })]));

    public IReadOnlyList<DetectorEffect> Apply(params IReadOnlyList<DetectorEntryCommand> commands) =>
        Machine.Apply(Entry(commands));

    public AppliedEntry Entry(params IReadOnlyList<DetectorEntryCommand> commands) => new()
    {
        Index = new(++_index),
        LogTime = LogTime += 10,
        Origin = "r1",
        IssuedAt = Machine.Time,
        Body = DetectorEntryCodec.Write(new DetectorEntry { Commands = commands }),
    };

    public static IReadOnlyList<string> Texts(IEnumerable<DetectorEffect> effects) =>
        [.. effects.OfType<DetectorEffect.Delivery>().Select(effect => Text(effect.Item.Event!))];

    public static string Text(DetectorEvent one) => one switch
    {
        { NodeSuspected: { } e } =>
            $"{e.Event.Number} suspected {e.Node}/{e.Incarnation} {e.Cause} {e.Detector}",
        { NodeFailed: { } e } =>
            $"{e.Event.Number} failed {e.Node}/{e.Incarnation} {e.Cause} {string.Join(',', e.Detectors)}",
        { NodeRestored: { } e } => $"{e.Event.Number} restored {e.Node}/{e.Incarnation} {e.Was}",
        { NodeLeft: { } e } => $"{e.Event.Number} left {e.Node}/{e.Incarnation}",
        _ => "none",
    };

    private static Vote Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var follows = words.FirstOrDefault(word => word[0] == '>') ?? ">";
        var number = (words.FirstOrDefault(word => word[0] == '#') ?? "#=0")[1..].Split('=');
        words = [.. words.Where(word => word[0] is not ('>' or '#'))];
        var node = words[1].Split('/');
        return new()
        {
            Detector = words[0],
            Node = node[0],
            Incarnation = node[1],
            Status = Enum.Parse<NodeStatus>(words[2]),
            Cause = words.Length > 3 ? Enum.Parse<FailureCause>(words[3]) : FailureCause.None,
            Follows = follows[1..].Split('=')[0],
            FollowedCause = follows.Contains('=', StringComparison.Ordinal)
                ? Enum.Parse<FailureCause>(follows.Split('=')[1])
                : FailureCause.None,
            IntervalMilliseconds = 1_000,
            From = number[0],
            Number = long.Parse(number[1], CultureInfo.InvariantCulture),
        };
    }
}

using System.Globalization;
using Muster.Contracts.Detector;
using Muster.Detector.Core;

namespace Muster.Unit.Tests.Detector;

/// <summary>
/// Nodes that beat, a broker that can stand still, and a judge that can: all in simulated milliseconds. What
/// a broker holds back longer than a second is dropped, as inboxes do.
/// </summary>
internal sealed class SimulatedBus
{
    public const string Self = "d1";
    private const int StepMilliseconds = 10;
    private const int OwnInterval = 200;
    private const int TickInterval = 50;
    private const int MessageLife = 1_000;

    private readonly List<(long SentAt, Heartbeat Beat)> _held = [];
    private readonly List<SimulatedNode> _nodes = [];
    private long _ownNumber;

    public SimulatedBus(JudgeOptions? options = null)
    {
        Options = options ?? Defaults;
        Judge = new Judge(Options, Self, "s1");
        Judge.Link(isUp: true);
    }

    public static JudgeOptions Defaults { get; } =
        new() { Suspicion = new PhiAccrual(minimumDeviation: 100_000, acceptablePause: 3_000_000) };

    public JudgeOptions Options { get; }

    public Judge Judge { get; }

    /// <summary>Milliseconds.</summary>
    public long Now { get; private set; }

    public bool BrokerFlows { get; set; } = true;

    /// <summary>False: the judge's process stands still.</summary>
    public bool JudgeRuns { get; set; } = true;

    /// <summary><c>TIME NODE STATUS CAUSE</c> of every change of an opinion.</summary>
    public List<string> Changes { get; } = [];

    public SimulatedNode Add(string name, int interval = 1_000, int phase = 0)
    {
        var node = new SimulatedNode(name, interval) { NextBeat = Now + phase };
        _nodes.Add(node);
        return node;
    }

    public JudgedNode Of(string node) =>
        Judge.Find(node) ?? throw new InvalidOperationException($"Nobody knows {node}.");

    public void Run(long milliseconds)
    {
        for (var end = Now + milliseconds; Now < end; Now += StepMilliseconds)
        {
            Step();
        }
    }

    /// <summary>Runs until the judge's opinion is this, and returns how long that took.</summary>
    public long RunUntil(string node, NodeStatus status, long limit = 60_000)
    {
        var start = Now;
        while (Judge.Find(node)?.Status != status)
        {
            if (Now - start > limit)
            {
                throw new InvalidOperationException(
                    $"{node} is {Judge.Find(node)?.Status} and not {status} after {limit} ms.");
            }
            Run(StepMilliseconds);
        }
        return Now - start;
    }

    public void Send(Heartbeat beat) => _held.Add((Now, beat));

    public void DeleteQueueOf(SimulatedNode node) => Judge.QueueDeleted(node.Connection, Now * 1_000);

    private void Step()
    {
        foreach (var node in _nodes.Where(node => node.Beats && Now >= node.NextBeat))
        {
            Send(node.Next());
        }
        if (JudgeRuns && Now % OwnInterval == 0)
        {
            Send(new()
            {
                Node = Self,
                Incarnation = "s1",
                Number = ++_ownNumber,
                IntervalMilliseconds = OwnInterval,
            });
        }
        _held.RemoveAll(message => Now - message.SentAt > MessageLife);
        if (BrokerFlows && JudgeRuns)
        {
            foreach (var (_, beat) in _held)
            {
                Judge.Hear(beat, Now * 1_000);
                Note(Judge.Find(beat.Node));
            }
            _held.Clear();
        }
        if (JudgeRuns && Now % TickInterval == 0)
        {
            foreach (var node in Judge.Tick(Now * 1_000))
            {
                Note(node);
            }
        }
    }

    private void Note(JudgedNode? node)
    {
        if (node is null)
        {
            return;
        }
        var text = $"{node.Node} {node.Incarnation} {node.Status} {node.Cause}";
        var last = Changes.LastOrDefault(change =>
            change.Split(' ')[1] == node.Node && change.Split(' ')[2] == node.Incarnation);
        if (last is null ? node.Status != NodeStatus.Alive : !last.EndsWith(text, StringComparison.Ordinal))
        {
            Changes.Add(string.Create(CultureInfo.InvariantCulture, $"{Now} {text}"));
        }
    }
}

internal sealed class SimulatedNode(string name, int interval)
{
    private long _number;

    public string Incarnation { get; private set; } = "i1";

    public string Connection { get; set; } = name + ".c1";

    public bool Beats { get; set; } = true;

    public int Interval { get; set; } = interval;

    public long Lag { get; set; }

    public long NextBeat { get; set; }

    public Heartbeat Next(bool isLast = false)
    {
        NextBeat += Interval;
        return new()
        {
            Node = name,
            Incarnation = Incarnation,
            Number = ++_number,
            IntervalMilliseconds = Interval,
            LagMilliseconds = Lag,
            Connection = Connection,
            IsLast = isLast,
        };
    }

    public void Restart(string incarnation, long now)
    {
        (Incarnation, Connection, _number) = (incarnation, $"{name}.{incarnation}", 0);
        (NextBeat, Beats) = (now, true);
    }
}

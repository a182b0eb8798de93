using System.Diagnostics.CodeAnalysis;
using Muster.Contracts.Detector;

namespace Muster.Detector.Core;

/// <summary>
/// One detector's own opinion of every node it hears. Silence makes it worse, as time passes in which the
/// judge hears itself; only a heartbeat makes it better. Times are microseconds of the caller's monotonic
/// clock.
/// </summary>
/// <param name="options">What it goes by.</param>
/// <param name="self">The detector's own name: heartbeats of it are the loop-back.</param>
/// <param name="incarnation">Of this judge; beats of an earlier one are nobody's.</param>
public sealed class Judge(JudgeOptions options, string self, string incarnation)
{
    private const int OwnBeatsAStep = 3;
    private const int SilentIntervals = 2;
    private const long UsualIntervalMilliseconds = 1_000;
    private const long ForgetEvery = 60_000_000;

    /// <summary>So many connections closed within so long are a row: processes die one by one.</summary>
    private const int ClosedInARow = 3;
    private const long LengthOfARow = 1_000_000;

    private readonly SortedDictionary<string, JudgedNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JudgedNode> _connections = new(StringComparer.Ordinal);
    private readonly HearingClock _clock = new(
        options.OwnInterval * OwnBeatsAStep,
        Math.Max(options.AcceptablePause, options.OwnInterval * OwnBeatsAStep));
    private readonly MassSilence _mass = new();
    private readonly Queue<long> _closings = new();
    private bool _isLinkUp;
    private long _calmAt;
    private long _forgotAt;
    private bool _mayForget;

    /// <summary>By name.</summary>
    public IReadOnlyCollection<JudgedNode> Nodes => _nodes.Values;

    /// <summary>Heartbeats of more nodes than it keeps, so far; of nodes that the log names too.</summary>
    public long Overflow { get; private set; }

    /// <summary>False: it does not hear itself, and judges nobody until it does again.</summary>
    public bool IsJudging(long now) => _isLinkUp && _clock.IsHearing(now);

    /// <summary>
    /// False: its own connection was lost lately, or those of many nodes were closed, and a closed one is no
    /// evidence yet.
    /// </summary>
    public bool IsCalm => _clock.Time >= _calmAt && !_mass.IsOfConnections;

    public JudgedNode? Find(string node) => _nodes.GetValueOrDefault(node);

    /// <summary>The link is connected, or is no more; evidence from before counts no more either.</summary>
    public void Link(bool isUp)
    {
        if (_isLinkUp && !isUp)
        {
            // Hearing time stands still until it hears again.
            _calmAt = _clock.Time + options.Unrest;
        }
        _isLinkUp = isUp;
        _clock.Interrupt();
        ForgetEvidence();
    }

    /// <summary>A heartbeat arrived. True when the opinion of its node changed.</summary>
    public bool Hear(Heartbeat beat, long now)
    {
        ArgumentNullException.ThrowIfNull(beat);
        if (beat.Node == self)
        {
            if (beat.Incarnation == incarnation)
            {
                HearSelf(now);
            }
            return false;
        }
        if (!BeatHistory.IsUsable(beat))
        {
            return false;
        }
        var at = TimeOf(now);
        if (beat.IntervalMilliseconds <= 0)
        {
            // Only a renewal: it takes back no promise, unless it says that the process ends.
            return beat.IsLast && Find(beat.Node) is { } judged && judged.Incarnation == beat.Incarnation
                && Take(judged, beat with { IntervalMilliseconds = judged.IntervalMilliseconds }, at);
        }
        return TrackOf(beat, at) is { } node && Take(node, beat, at);
    }

    /// <summary>
    /// The judges together hold a node for living. One that has not heard of it, since it was started later,
    /// waits for it from now on; one that heard another incarnation, which might be a late heartbeat of an
    /// old one, holds to theirs, unless it heard its own follow that.
    /// </summary>
    /// <param name="node">Its name.</param>
    /// <param name="nodeIncarnation">The one that they hold for living.</param>
    /// <param name="intervalMilliseconds">What it promises; 0: not known.</param>
    /// <param name="past">Its incarnations that are over.</param>
    /// <param name="now">The judge's own clock.</param>
    public void Expect(
        string node, string nodeIncarnation, long intervalMilliseconds, IReadOnlyList<string> past, long now)
    {
        var known = Find(node);
        var isHeld = known?.Incarnation == nodeIncarnation
            || (known?.Follows(nodeIncarnation) == true
                && !past.Contains(known.Incarnation, StringComparer.Ordinal));
        if (node == self || isHeld)
        {
            return;
        }
        if (known is null && !HasRoom())
        {
            Overflow++;
            return;
        }
        var promised = new Heartbeat
        {
            Node = node,
            Incarnation = nodeIncarnation,
            Number = long.MinValue + 1, // whatever comes is newer
            IntervalMilliseconds = intervalMilliseconds > 0
                ? intervalMilliseconds
                : UsualIntervalMilliseconds,
        };
        var expected = new JudgedNode(promised, past, options);
        expected.History.WaitFrom(TimeOf(now));
        Replace(known, expected);
    }

    /// <summary>What is held of a node was compared with the log just now.</summary>
    /// <param name="node">One of <see cref="Nodes"/>.</param>
    /// <param name="isTold">The log shows it, or asks for no word of it.</param>
    public void Tell(JudgedNode node, bool isTold)
    {
        ArgumentNullException.ThrowIfNull(node);
        _mayForget |= isTold && !node.IsTold && node.IsOver;
        node.IsTold = isTold;
    }

    /// <summary>
    /// The broker deleted a queue. If it was the inbox of a node, its connection is closed.
    /// </summary>
    public void QueueDeleted(string queue, long now)
    {
        if (_isLinkUp && _connections.TryGetValue(queue, out var node))
        {
            // No process that runs beats so late, and no broker misses one sooner.
            var patience = (SilentIntervals * node.History.Interval) + options.AcceptablePause;
            // After a gap in hearing silence counts anew: who was not heard since may have been silent.
            var wasSilent = SilenceOf(node) > patience || node.History.Last.Round != _clock.Round;
            var at = _clock.At(now);
            node.Close(at, wasSilent);
            if (!node.IsOver)
            {
                NoteClosing(at);
            }
        }
    }

    /// <summary>
    /// Lets silences tell; to be called several times in each interval of the own beats.
    /// </summary>
    /// <returns>The nodes of which the opinion changed.</returns>
    public IReadOnlyList<JudgedNode> Tick(long now)
    {
        _clock.Tick(now);
        ForgetOld(now);
        if (!IsJudging(now))
        {
            return [];
        }
        BringUpHeirs();
        _mass.Mark(_nodes.Values.Where(node => !node.IsOver), IsOverdue, WasClosedLately);
        return [.. _nodes.Values.Where(node => !node.IsOver && Worsen(node, now))];
    }

    /// <summary>How suspicious the node's silence is now; 0 for one that said that it stops.</summary>
    public double LevelOf(JudgedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Status == NodeStatus.Left
            ? 0
            : options.Suspicion.Level(node.History.Window, node.History.Interval, SilenceOf(node));
    }

    /// <summary>Microseconds of hearing time; after a gap in hearing, since its end.</summary>
    public long SilenceOf(JudgedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var from = node.History.Last.Round == _clock.Round ? node.History.Last.Heard : _clock.RoundStart;
        return Math.Max(0, _clock.Time - from);
    }

    /// <summary>
    /// A row is seen by its pace, long before the share of its nodes shows it: else its first would be dead
    /// by then, of many nodes.
    /// </summary>
    private void NoteClosing(long at)
    {
        _closings.Enqueue(at);
        while (at - _closings.Peek() > LengthOfARow)
        {
            _closings.Dequeue();
        }
        if (_closings.Count >= ClosedInARow)
        {
            _calmAt = Math.Max(_calmAt, at + options.Unrest);
        }
    }

    private void HearSelf(long now)
    {
        var round = _clock.Round;
        _clock.Hear(now);
        if (_clock.Round != round)
        {
            ForgetEvidence();
        }
    }

    private bool Take(JudgedNode node, Heartbeat beat, BeatTime at)
    {
        if (beat.Number <= node.History.LastNumber || node.Status == NodeStatus.Left)
        {
            return false;
        }
        if (node.Connection != beat.Connection)
        {
            Disconnect(node);
        }
        var changed = node.Take(beat, at, options);
        if (node.Connection.Length > 0)
        {
            _connections[node.Connection] = node;
        }
        return changed;
    }

    private BeatTime TimeOf(long now) =>
        new(now, _clock.At(now), _clock.Round, _clock.Lost, _clock.IsSteady(now));

    /// <summary>
    /// The incarnation that beats, if it is the node's. Another one than the known follows at once when that
    /// one has ended, and else when it alone goes on: it may be late, or of a second process.
    /// </summary>
    private JudgedNode? TrackOf(Heartbeat beat, BeatTime at)
    {
        var known = _nodes.GetValueOrDefault(beat.Node);
        if (known?.Incarnation == beat.Incarnation)
        {
            return known;
        }
        if (known is null && !HasRoom())
        {
            Overflow++;
            return null;
        }
        if (known is not null)
        {
            var goesOn = known.Meet(beat, at).GoesOn;
            // Whether the one that was closed is dead is to be known before it is followed.
            var isOpen = known.ClosedAt is null || IsCalm;
            var isNext = !known.Follows(beat.Incarnation)
                && (known.IsOver || (goesOn && isOpen && IsSilent(known)));
            if (!isNext)
            {
                return null;
            }
        }
        return Replace(known, known is null ? new(beat, [], options) : NextOf(known, beat));
    }

    /// <summary>Who ended while another had begun is followed by that, even if it beats no more.</summary>
    private void BringUpHeirs()
    {
        foreach (var node in _nodes.Values.Where(node => node is { IsOver: true, Heir: not null }).ToList())
        {
            var (last, at) = (node.Heir!.Last!, node.Heir.LastAt);
            Take(Replace(node, NextOf(node, last)), last, at);
        }
    }

    private JudgedNode NextOf(JudgedNode node, Heartbeat first) =>
        new(first, [.. node.Past, node.Incarnation], options, CauseOf(node));

    private JudgedNode Replace(JudgedNode? known, JudgedNode next)
    {
        if (known is not null)
        {
            Disconnect(known);
        }
        return _nodes[next.Node] = next;
    }

    private bool IsSilent(JudgedNode node) => SilenceOf(node) >= SilentIntervals * node.History.Interval;

    private bool Worsen(JudgedNode node, long now)
    {
        var silence = SilenceOf(node);
        var isClosed = IsClosed(node);
        if (isClosed && IsSilent(node) && !node.IsInMassSilence)
        {
            return node.Hold(NodeStatus.Failed, CauseOf(node), now);
        }
        var level = options.Suspicion.Level(node.History.Window, node.History.Interval, silence);
        var failAfter = options.FailAfter * (node.IsInMassSilence ? options.MassSilenceFactor : 1);
        if (level >= options.FailureThreshold && silence >= failAfter)
        {
            // For so long nobody needs to come back: calm or not, it counts by now.
            return node.Hold(NodeStatus.Failed, CauseOf(node, HasBeenClosed(node)), now);
        }
        if (level < options.Threshold)
        {
            return false;
        }
        return node.Hold(
            NodeStatus.Suspected, node.History.IsSlow && !isClosed ? FailureCause.Slow : CauseOf(node), now);
    }

    /// <summary>What its silence is a sign of.</summary>
    private FailureCause CauseOf(JudgedNode node) => CauseOf(node, IsClosed(node));

    private static FailureCause CauseOf(JudgedNode node, bool isClosed) =>
        isClosed && !node.WasSilentBefore && !node.IsInMassSilence ? FailureCause.Dead : FailureCause.Path;

    /// <summary>
    /// Its connection was closed, alone, and it had the time to come back under another. A broker that lets
    /// go of its connections does so one after the other, and answers late while all of them come back.
    /// </summary>
    private bool IsClosed(JudgedNode node) => IsCalm && HasBeenClosed(node);

    private bool HasBeenClosed(JudgedNode node) =>
        node.ClosedAt is { } closed && _clock.Time - closed >= options.ReconnectGrace;

    private bool WasClosedLately(JudgedNode node) =>
        node.LastClosedAt is { } closed && _clock.Time - closed < options.Unrest;

    private bool IsOverdue(JudgedNode node) =>
        node.ClosedAt is not null || SilenceOf(node) > SilentIntervals * node.History.Interval;

    private void ForgetEvidence()
    {
        foreach (var node in _nodes.Values)
        {
            node.ForgetClosing();
        }
    }

    private void Disconnect(JudgedNode node)
    {
        if (_connections.TryGetValue(node.Connection, out var owner) && owner == node)
        {
            _connections.Remove(node.Connection);
        }
    }

    private bool Forget(JudgedNode node)
    {
        Disconnect(node);
        return _nodes.Remove(node.Node);
    }

    /// <summary>
    /// Makes room, if it must, by forgetting who has been gone for the longest time, and is known to be.
    /// </summary>
    private bool HasRoom()
    {
        if (_nodes.Count < options.MostNodes)
        {
            return true;
        }
        // Else each beat of a node that finds no room would walk through all that have it.
        _mayForget = _mayForget
            && _nodes.Values.Where(node => node is { IsOver: true, IsTold: true })
                .MinBy(node => node.ChangedAt) is { } oldest && Forget(oldest);
        return _mayForget;
    }

    private void ForgetOld(long now)
    {
        if (now - _forgotAt < ForgetEvery)
        {
            return;
        }
        _forgotAt = now;
        foreach (var node in _nodes.Values
            .Where(node => node.IsOver && now - node.ChangedAt >= options.ForgetAfter).ToList())
        {
            Forget(node);
        }
    }
}

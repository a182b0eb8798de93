using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Muster.Detector.Machine;

namespace Muster.Detector.Judging;

/// <summary>
/// The judge, shared by the link's thread, the detector's loop and queries. Each hold of the lock is short:
/// a heartbeat costs the same whatever is known already, and a tick some arithmetic for each node.
/// </summary>
public sealed class JudgeRoom
{
    private const int MostDescribed = 1_000;
    private const long VotePatience = 1_000_000;

    private static readonly TimeSpan ToldAgain = TimeSpan.FromMinutes(1);

    private static readonly string HeartbeatType = BusJson.TypeName(typeof(Heartbeat));

    private readonly System.Threading.Lock _gate = new();
    private readonly DetectorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly Judge _judge;
    private readonly VoteBook _votes;
    private readonly OverflowNotice _overflow;
    private LogIndex _seenIndex;
    private long? _toldAt;
    private long _doubleBeats;

    public JudgeRoom(DetectorOptions options, string incarnation, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        (_options, _time, _logger) = (options, time, logger);
        _start = time.GetTimestamp();
        _judge = new Judge(options.ToJudgeOptions(), options.Instance, incarnation);
        _votes = new VoteBook(options.Instance, incarnation, VotePatience);
        _overflow = new OverflowNotice(options, time, logger);
    }

    /// <summary>Microseconds of the monotonic clock.</summary>
    private long Now => (long)_time.GetElapsedTime(_start).TotalMicroseconds;

    /// <summary>It hears itself; else it judges nobody.</summary>
    public bool IsHearing
    {
        get
        {
            lock (_gate)
            {
                return _judge.IsJudging(Now);
            }
        }
    }

    /// <summary>A closed connection tells it of a death; not so just after many were closed.</summary>
    public bool IsCalm
    {
        get
        {
            lock (_gate)
            {
                return _judge.IsCalm;
            }
        }
    }

    /// <summary>There are more nodes than it may judge, or were within the last minute.</summary>
    public bool IsOverflowing
    {
        get
        {
            lock (_gate)
            {
                return _overflow.IsRecent;
            }
        }
    }

    /// <summary>What the link brings to the inbox.</summary>
    /// <exception cref="System.Text.Json.JsonException">Malformed: the link drops it and says so.</exception>
    public void Receive(LinkMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Type != HeartbeatType)
        {
            return;
        }
        var now = Now;
        var beat = message.Read<Heartbeat>();
        lock (_gate)
        {
            if (_judge.Hear(beat, now))
            {
                Tell(_judge.Find(beat.Node));
            }
            if (_judge.Find(beat.Node) is { HasDouble: true } node && node.Incarnation != beat.Incarnation)
            {
                TellDouble(node, beat);
            }
            _overflow.Note(_judge.Overflow);
        }
    }

    public void QueueDeleted(string queue)
    {
        lock (_gate)
        {
            _judge.QueueDeleted(queue, Now);
        }
    }

    public void Link(bool isUp)
    {
        lock (_gate)
        {
            _judge.Link(isUp);
        }
    }

    public void Tick()
    {
        lock (_gate)
        {
            foreach (var node in _judge.Tick(Now))
            {
                Tell(node);
            }
        }
    }

    public IReadOnlyList<Vote> DueVotes(VerdictView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        lock (_gate)
        {
            var now = Now;
            if (view.Freshness.Index != _seenIndex)
            {
                _seenIndex = view.Freshness.Index;
                foreach (var record in view.Nodes.Values.Where(one => !one.HasEnded))
                {
                    _judge.Expect(
                        record.Node, record.Incarnation, record.IntervalMilliseconds, record.Past, now);
                }
                _overflow.Note(_judge.Overflow);
            }
            return _votes.Due(_judge, view, now);
        }
    }

    /// <summary>The verdicts, with this detector's own measures.</summary>
    public NodesDescribed Describe(VerdictView view, DescribeNodes query, bool isCurrent)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(query);
        lock (_gate)
        {
            IEnumerable<string> names = query.Node.Length > 0
                ? [query.Node]
                : view.Nodes.Keys.Union(_judge.Nodes.Select(node => node.Node), StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal).Take(MostDescribed);
            return new()
            {
                CommandId = query.CommandId,
                Detector = _options.Instance,
                IsJudging = isCurrent && _judge.IsJudging(Now),
                Nodes = [.. names.Select(name => Describe(name, view)).OfType<NodeDescription>()],
                Freshness = view.Freshness,
            };
        }
    }

    private NodeDescription? Describe(string name, VerdictView view)
    {
        var (judged, record) = (_judge.Find(name), view.Nodes.GetValueOrDefault(name));
        if (judged is null && record is null)
        {
            return null;
        }
        if (record is not null && judged is not null && judged.Incarnation != record.Incarnation)
        {
            var isJudgedNewer = VoteBook.IsNewer(judged, record);
            judged = isJudgedNewer ? judged : null;
            record = isJudgedNewer ? null : record;
        }
        return new()
        {
            Node = name,
            Incarnation = record?.Incarnation ?? judged!.Incarnation,
            Status = record?.Status
                ?? (judged!.Status == NodeStatus.Left ? NodeStatus.Left : NodeStatus.Alive),
            Cause = record?.Cause ?? FailureCause.None,
            Phi = judged is null ? 0 : _judge.LevelOf(judged),
            SilenceMilliseconds = judged is null ? 0 : _judge.SilenceOf(judged) / 1_000,
            Against = [.. (record?.Votes ?? []).Where(vote => vote.IsAgainst).Select(vote => vote.Detector)],
        };
    }

    /// <summary>By their beats, so once in a while only.</summary>
    private void TellDouble(JudgedNode node, Heartbeat beat)
    {
        _doubleBeats++;
        if (_toldAt is { } told && _time.GetElapsedTime(told) < ToldAgain)
        {
            return;
        }
        _logger.TwoOfOneName(
            _options.Instance, node.Node, node.Incarnation, beat.Incarnation, _doubleBeats);
        (_toldAt, _doubleBeats) = (_time.GetTimestamp(), 0);
    }

    private void Tell(JudgedNode? node)
    {
        if (node is not null)
        {
            _logger.OpinionChanged(
                _options.Instance, node.Node, node.Incarnation, node.Status, node.Cause,
                _judge.SilenceOf(node) / 1_000);
        }
    }
}

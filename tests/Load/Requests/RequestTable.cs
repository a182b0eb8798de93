using System.Globalization;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Load.Measuring;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>
/// The operations of a request load that wait or are on their way. Nothing is sent twice: what is not
/// answered is unknown, what is refused is counted as refused and makes room for a new one.
/// </summary>
internal sealed class RequestTable(
    IRequestKind kind, Tally tally, IBusLink link, BusNames names, NodeId firstLeader)
{
    private readonly string _done = BusJson.TypeName(kind.Answer);
    private readonly Queue<long> _waiting = new();
    private readonly Dictionary<string, Underway> _underway = new(StringComparer.Ordinal);
    private NodeId _leader = firstLeader;
    private bool _isLeaderDoubted;
    private int _postponed;
    private long _lastId;

    public bool IsEmpty => _waiting.Count == 0 && _underway.Count == 0;

    /// <summary>Operations begin, or are refused when too many wait already.</summary>
    public void Begin(int count, long since, int mostWaiting)
    {
        if (_waiting.Count + count > mostWaiting)
        {
            tally.Refused(since, count, $"{mostWaiting} waited already in the tool itself");
            return;
        }
        for (var one = 0; one < count; one++)
        {
            _waiting.Enqueue(since);
        }
    }

    /// <summary>Sends what waits, as far as messages may be on their way.</summary>
    public void Send()
    {
        while (_waiting.Count > 0 && _underway.Count < kind.MostMessages)
        {
            var since = new long[Math.Min(_waiting.Count, kind.MostPerMessage)];
            for (var one = 0; one < since.Length; one++)
            {
                since[one] = _waiting.Dequeue();
            }
            var id = (++_lastId).ToString(CultureInfo.InvariantCulture);
            _underway[id] = new Underway(since, Clock.Now);
            kind.Send(link, BusNames.ConsensusAddress(_leader.Value), id, since.Length);
        }
    }

    /// <param name="message">What came to the inbox.</param>
    /// <param name="repeats">An operation that ended makes room for the next.</param>
    public void Answer(LinkMessage message, bool repeats)
    {
        if (message.Type == _done)
        {
            if (_underway.Remove(message.CorrelationId ?? "", out var done))
            {
                tally.Done(done.Since);
                kind.Answered(link, message);
                Repeat(repeats ? done.Since.Length : 0);
            }
        }
        else if (message.Type == BusJson.TypeName(typeof(ConsensusRefused)))
        {
            Refused(message.Read<ConsensusRefused>(), message.CorrelationId ?? "", repeats);
        }
        else if (message.Type == BusJson.TypeName(typeof(GroupDescription))
            && message.Read<GroupDescription>() is { Role: RaftRole.Leader } leader)
        {
            (_leader, _isLeaderDoubted) = (leader.Node, false);
        }
    }

    /// <summary>
    /// Gives up what has waited too long for its answer, and asks who leads when that is in doubt.
    /// </summary>
    public void Sweep(TimeSpan patience, bool repeats)
    {
        var late = _underway.Where(one => Clock.Since(one.Value.SentAt) > patience).ToList();
        foreach (var (id, lost) in late)
        {
            _underway.Remove(id);
            Unknown(lost, FormattableString.Invariant($"not answered within {patience.TotalSeconds} s"));
            _postponed += lost.Since.Length;
            _isLeaderDoubted = true;
        }
        if (_isLeaderDoubted)
        {
            ClusterView.Ask(link, names, ClusterPlan.LoadGroup);
        }
        if (repeats)
        {
            Repeat(_postponed);
        }
        _postponed = 0;
    }

    /// <summary>No new operations; those of an open load that are due already are still sent.</summary>
    public void End(bool isOpen)
    {
        if (!isOpen)
        {
            _waiting.Clear();
        }
    }

    public void GiveUp(string why)
    {
        foreach (var lost in _underway.Values)
        {
            Unknown(lost, why);
        }
        _underway.Clear();
        while (_waiting.TryDequeue(out var since))
        {
            tally.Refused(since, 1, "never sent: " + why);
        }
    }

    private void Refused(ConsensusRefused refused, string id, bool repeats)
    {
        if (!_underway.Remove(id, out var operations))
        {
            return;
        }
        foreach (var since in operations.Since)
        {
            tally.Refused(since, 1, $"{refused.Reason}: {refused.Message}");
        }
        // Not again at once: that would be a storm of refusals while there is no leader.
        _postponed += repeats ? operations.Since.Length : 0;
        if (refused.Reason == ConsensusRefusal.NotLeader)
        {
            _leader = refused.LeaderHint.IsNone ? _leader : refused.LeaderHint;
            _isLeaderDoubted = refused.LeaderHint.IsNone;
        }
    }

    private void Unknown(Underway lost, string why)
    {
        foreach (var since in lost.Since)
        {
            tally.Unknown(since, 1, why);
        }
    }

    private void Repeat(int count)
    {
        var now = Clock.Now;
        for (var one = 0; one < count; one++)
        {
            _waiting.Enqueue(now);
        }
    }
}

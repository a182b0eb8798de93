using System.Globalization;
using Microsoft.Extensions.Logging;
using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Consensus.Storage;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Reporting;

/// <summary>
/// The loop's picture for other threads: replaced at every change of role, term or leader, and otherwise
/// every tenth of a second, so that a busy loop does not describe itself with every step.
/// </summary>
internal sealed class NodeView(NodeSetup setup, ConsensusStore store)
{
    private const long RefreshMilliseconds = 100;
    private const int MostElections = 100;

    // An idle loop finishes a round each second, and an election is the longest that others wait for a node.
    private readonly TimeSpan _longestRound =
        TimeSpan.FromSeconds(2) + TimeSpan.FromMilliseconds(setup.Raft.ElectionMaxMilliseconds);
    private readonly Dictionary<string, (RaftRole Role, Term Term, NodeId Leader)> _last =
        new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _won = new(StringComparer.Ordinal);
    private readonly Queue<WonElection> _elections = new();
    private readonly SortedDictionary<string, string> _lost = new(StringComparer.Ordinal);
    private volatile NodeStatus _status = new()
    {
        Node = setup.Node.Value,
        ClusterId = setup.Identity.ClusterId,
        DiskId = store.DiskId,
        StartId = store.StartId,
        Participation = Participation.Reading,
        Detail = "its logs are read and checked",
    };
    private Participation _participation;
    private long _nextRefresh;
    private long _finishedAt = setup.Time.GetTimestamp();
    private long _received;
    private long _receivedBytes;
    private long _hints;

    /// <summary>
    /// A loop that hangs cannot say so itself: whoever looks judges by the time of its last round.
    /// </summary>
    public NodeStatus Status
    {
        get
        {
            var status = _status;
            var silence = setup.Time.GetElapsedTime(Interlocked.Read(ref _finishedAt));
            if (status.Participation != Participation.TakesPart || silence <= _longestRound) return status;
            var seconds = silence.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            var detail = $"its loop has finished no round for {seconds} s; a write to its disk may hang";
            return status with { HasStalled = true, Detail = detail };
        }
    }

    public StallWatch Stalls { get; } = new(setup.Time, setup.Raft.ElectionMinMilliseconds, stall =>
        setup.Logger.Stalled(setup.Node, stall.Kind, stall.Milliseconds));

    public long Steps { get; set; }

    public long Commits { get; set; }

    public bool IsConnected { get; set; }

    public void CountReceived(int bytes)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _receivedBytes, bytes);
    }

    public void CountHint() => Interlocked.Increment(ref _hints);

    /// <summary>Called by the loop after each round; only what was stepped in it can have changed.</summary>
    public void Refresh(
        long now, DiskRoll roll, IReadOnlyList<GroupRunner> groups,
        IReadOnlyList<(GroupRunner Group, RaftOutput Output)> stepped)
    {
        Interlocked.Exchange(ref _finishedAt, setup.Time.GetTimestamp());
        var participation = roll.RefusedBecause is not null ? Participation.Refused
            : !roll.IsComplete ? Participation.Forming
            : roll.IsMemberOfAny ? Participation.TakesPart : Participation.NotMember;
        var isChanged = participation != _participation || IsConnected != _status.IsConnected;
        foreach (var (group, _) in stepped)
        {
            var seen = (group.Core.Role, group.Core.Term, group.Core.Leader);
            if (_last.TryGetValue(group.Name, out var last) && last == seen) continue;
            _last[group.Name] = seen;
            if (seen.Role == RaftRole.Leader && (last.Role != RaftRole.Leader || last.Term != seen.Term))
            {
                _won[group.Name] = _won.GetValueOrDefault(group.Name) + 1;
                if (_elections.Count == MostElections) _elections.Dequeue();
                _elections.Enqueue(new(
                    setup.Time.GetUtcNow(), group.Name, seen.Term.Value, group.Core.StoodFor));
            }
            isChanged = true;
            setup.Logger.RoleChanged(setup.Node, group.Name, seen.Role, seen.Term, seen.Leader);
        }
        if (!isChanged && now < _nextRefresh) return;
        _nextRefresh = now + RefreshMilliseconds;
        _participation = participation;
        var detail = roll.RefusedBecause ?? participation switch
        {
            Participation.Forming => $"waits for the disks of {roll.Missing}",
            Participation.NotMember => "no group has it among its members: ChangeMembers can add it",
            _ => "",
        };
        Publish(participation, detail,
            [.. groups.Select(one => Describe(one, now))]);
    }

    /// <summary>Called by the loop; a member's newest loss in a group stands for all of them.</summary>
    public void AddLoss(GroupRunner group, EntriesLost lost)
    {
        setup.Logger.EntriesLost(setup.Node, lost.Node, group.Name, lost.Denied, lost.Acknowledged);
        _lost[$"{group.Name} {lost.Node}"] = $"{lost.Node} lost acknowledged entries of {group.Name} in term "
            + $"{group.Core.Term}, from {lost.Denied} at the latest to {lost.Acknowledged}";
        _nextRefresh = 0;
    }

    public void End(Participation participation, string detail) =>
        Publish(participation, detail, _status.Groups);

    private GroupDescription Describe(GroupRunner group, long now) =>
        group.Core.Describe(now) with { ClusterId = setup.Identity.ClusterId, LogId = store.LogId };

    private void Publish(
        Participation participation, string detail, IReadOnlyList<GroupDescription> groups)
    {
        var status = _status with
        {
            Participation = participation,
            Detail = detail,
            LogId = store.LogId,
            IsConnected = IsConnected,
            Hints = Interlocked.Read(ref _hints),
            Steps = Steps,
            Commits = Commits,
            MessagesReceived = Interlocked.Read(ref _received),
            BytesReceived = Interlocked.Read(ref _receivedBytes),
            MessagesDropped = setup.Drops.Total,
            ElectionsWon = new Dictionary<string, long>(_won, StringComparer.Ordinal),
            Elections = [.. _elections],
            Stalls = Stalls.Kept,
            LoopStalls = Stalls.CountOf(StallKind.Loop),
            BrokerStalls = Stalls.CountOf(StallKind.Broker),
            BrokerRoundTripMilliseconds = Stalls.RoundTrip,
            LostEntries = [.. _lost.Values],
            Groups = groups,
        };
        if (status.IsReady) setup.Start.Ready();
        _status = status with { Start = setup.Start.Times };
    }
}

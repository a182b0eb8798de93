using Microsoft.Extensions.Logging;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Transport;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>
/// Who is known by which disk. A node that lost its disk has lost its vote and its log with it, so it must
/// not count under its old name: two leaders of one term would be possible. The disks of the bootstrap are
/// learned once and for ever; those of later members come with the entry that adds them.
/// </summary>
internal sealed class DiskRoll
{
    private const long AnnounceMilliseconds = 200;

    /// <summary>A node that waits to be added has time.</summary>
    private const long JoinMilliseconds = 1000;

    /// <summary>
    /// A dead process's last messages come sooner than that, or after its successor's: to refuse that one for
    /// their sake would be for good.
    /// </summary>
    private const long LateMilliseconds = 10_000;

    private const int MostNewcomers = 64;

    private const string AddedAnew =
        "remove the member by ChangeMembers, empty the folder, start with Consensus:Join=true, and add it.";

    /// <summary>Who was not heard for so long waits no more.</summary>
    private const long NewcomerMilliseconds = 10 * JoinMilliseconds;

    private const string OnlyNewest =
        " Only one may run, and only from the newest folder: an older copy lacks what the node gave its word "
        + "for. This one is refused from now on: bring back the newest one, or " + AddedAnew;

    private readonly DiskIdentity _identity;
    private readonly IDiskRecord _disk;
    private readonly Action<PeerMessage> _send;
    private readonly DropLog _drops;
    private readonly ILogger _logger;
    private readonly IReadOnlyList<GroupRunner> _groups;
    private readonly Dictionary<NodeId, string> _known;
    private readonly Dictionary<NodeId, (string Disk, long HeardAt)> _newcomers = [];
    private readonly IReadOnlyList<NodeId> _founders;
    private readonly LiveStarts _starts;
    private long _nextAnnouncement;
    private bool _greets;
    private long _now;

    public DiskRoll(
        MemberSetup setup, IDiskRecord own, IReadOnlyList<GroupRunner> groups, Action<PeerMessage> send)
    {
        (_identity, _drops, _logger) = (setup.Identity, setup.Drops, setup.Logger);
        (_disk, _groups, _send) = (own, groups, send);
        _known = new Dictionary<NodeId, string>(own.ReadDisks());
        _starts = new LiveStarts(
            silence: 3 * setup.Raft.HeartbeatMilliseconds,
            late: Math.Max(LateMilliseconds, 2 * setup.Raft.ElectionMaxMilliseconds),
            isMember: (node, disk) => DisksOf(node).Contains(disk));
        _founders = [.. own.ReadFounders().Where(member => member != _identity.Node)];
        IsComplete = Unknown.Count == 0;
        if (own.SupersededBy.Length == 0) return;
        Refuse($"another process of this node, {own.SupersededBy}, was heard when this folder was in use "
            + "last; it " + RanFrom(own.DiskId) + OnlyNewest);
    }

    /// <summary>Every founder's disk is known AND stored, or the disk joined later.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Why another member does not count this node's disk; null while none refuses it.</summary>
    public string? RefusedBecause { get; private set; }

    public bool TakesPart => IsComplete && RefusedBecause is null;

    public string Missing => string.Join(", ", Unknown);

    /// <summary>When <see cref="Announce"/> looks again whether there is something to tell.</summary>
    public long NextDeadline => RefusedBecause is null ? _nextAnnouncement : long.MaxValue;

    /// <summary>
    /// The disks of nodes that may be added: of those that wait for it, and of those that another group has
    /// among its members. Where the groups name different disks of a node, it was emptied and has come back
    /// to some of them only: then the one that runs, and none where none is heard.
    /// </summary>
    public IReadOnlyDictionary<NodeId, string> Newcomers
    {
        get
        {
            var disks = new Dictionary<NodeId, string>();
            var members = _groups.SelectMany(group => group.Core.Membership.Members);
            foreach (var node in members.Select(member => member.Node).Distinct())
            {
                if (DiskThatRuns(node) is { } disk) disks.Add(node, disk);
            }
            ForgetSilentNewcomers();
            foreach (var (node, (disk, _)) in _newcomers) disks[node] = disk;
            return disks;
        }
    }

    /// <summary>The disks of the bootstrap, this node's included.</summary>
    public IReadOnlyDictionary<NodeId, string> BootstrapDisks => _disk.HasJoined ? _known
        : new Dictionary<NodeId, string>(_known) { [_identity.Node] = _disk.DiskId };

    /// <summary>By the newest memberships that this node knows of.</summary>
    public bool IsMemberOfAny => _groups.Any(HasThisNode);

    /// <summary>
    /// Nothing is to be announced. Who was removed while it was away is a member by its own log, and no
    /// leader tells it otherwise. Who is a member of some groups goes on: others may name it by a disk that
    /// it had.
    /// </summary>
    private bool IsSettled => IsComplete && _groups.All(HasThisNode) && HearsAnyLeader;

    private bool HearsAnyLeader => _groups.Any(group => !group.Core.Leader.IsNone);

    /// <summary>Who is configured, and who is a member by now.</summary>
    private IEnumerable<NodeId> Others => _groups
        .SelectMany(group => group.Core.Membership.Members).Select(member => member.Node)
        .Concat(_identity.Members).Where(node => node != _identity.Node).Distinct();

    /// <summary>
    /// Of the members that the file was made with. Those that are configured may be others by now, and serve
    /// to tell whom this node announces itself to.
    /// </summary>
    private List<NodeId> Unknown => [.. _founders.Where(member => !_known.ContainsKey(member))];

    /// <summary>
    /// The node's link is there: all are told, so that who heard another process of this disk asks at once,
    /// and not when the first vote is needed.
    /// </summary>
    public void Connected() => (_greets, _nextAnnouncement) = (true, _now);

    /// <summary>
    /// Asks the members that are unknown who they are; tells all that this process is there, or that this
    /// node waits to be added, or to be added again, to any of the groups.
    /// </summary>
    public void Announce(long now)
    {
        if (now < NextDeadline) return;
        var (joins, greets) = (IsComplete, _greets);
        _nextAnnouncement = now + (joins ? JoinMilliseconds : AnnounceMilliseconds);
        _greets = false;
        if (IsSettled && !greets) return;
        foreach (var member in joins ? Others : Unknown)
        {
            _send(new AnnounceDisk { From = _identity.Node, To = member, WantsAnswer = !joins || greets });
        }
    }

    /// <summary>The time of what is admitted next.</summary>
    public void Begin(long now) => _now = now;

    /// <summary>
    /// Handles what is about disks, drops what is not for this node; true for a message that a group's core
    /// may see.
    /// </summary>
    public bool Admits(PeerMessage message)
    {
        if (message.ClusterId != _identity.ClusterId || message.To != _identity.Node || message.From.IsNone)
        {
            _drops.Count($"a {message.GetType().Name} from {message.From} of cluster '{message.ClusterId}' "
                + $"to {message.To} is not from this cluster to this node");
            return false;
        }
        if (!PeerProtocol.Understands(message.Protocol))
        {
            _drops.Count($"{message.From} speaks protocol {message.Protocol}, and this node understands "
                + $"{PeerProtocol.Oldest} to {PeerProtocol.Spoken}: one of them is of another version");
            return false;
        }
        // Who is refused tells nobody that it is there: who heard nobody else would take it for the live one.
        if (RefusedBecause is not null) return false;
        // Whoever asks: it heard what it heard, and each may have to ask the other.
        if (message is AnnounceDisk { AskedStartId.Length: > 0 } question)
        {
            Answer(question);
            return false;
        }
        if (message is not DiskRefused && !IsOfLiveProcess(message)) return false;
        switch (message)
        {
            case AnnounceDisk announcement:
                Hear(announcement);
                return false;
            case DiskRefused refusal:
                Hear(refusal);
                return false;
            default:
                return TakesPart && IsOfThisLog(message) && IsOfKnownDisk(message);
        }
    }

    private void Hear(AnnounceDisk announcement)
    {
        var (node, diskId) = (announcement.From, announcement.DiskId);
        if (diskId.Length == 0 || node == _identity.Node) return;
        if (!IsComplete && Unknown.Contains(node))
        {
            _disk.StoreDisk(node, diskId);
            _known.Add(node, diskId);
            IsComplete = Unknown.Count == 0;
            _logger.DiskLearned(_identity.Node, node, diskId);
            if (IsComplete) _logger.TakesPart(_identity.Node, _disk.LogId);
        }
        var inUse = DisksOf(node);
        if (inUse.Contains(diskId))
        {
            _newcomers.Remove(node);
            if (announcement.WantsAnswer) _send(new AnnounceDisk { From = _identity.Node, To = node });
            return;
        }
        HearNewcomer(node, diskId);
        if (inUse.Count == 0) return;
        _logger.DiskOfMemberRefused(_identity.Node, node, diskId, inUse.First());
        _send(new DiskRefused { From = _identity.Node, To = node, KnownDiskId = inUse.First() });
    }

    /// <summary>Another process of this disk was heard: does this one come after it?</summary>
    private void Answer(AnnounceDisk question)
    {
        if (question.AskedStartId != _disk.StartId) return;
        var earlier = question.EarlierStartId;
        if (!_disk.HasStarted(earlier)) Supersede(question.From, earlier);
        else _send(new AnnounceDisk { From = _identity.Node, To = question.From, EarlierStartId = earlier });
    }

    private void HearNewcomer(NodeId node, string diskId)
    {
        if (!IsComplete) return;
        ForgetSilentNewcomers();
        var isKnown = _newcomers.TryGetValue(node, out var before);
        if (!isKnown && _newcomers.Count >= MostNewcomers) return;
        _newcomers[node] = (diskId, _now);
        if (before.Disk != diskId) _logger.NewcomerHeard(_identity.Node, node, diskId);
    }

    private void ForgetSilentNewcomers()
    {
        foreach (var (node, (_, heardAt)) in _newcomers)
        {
            if (_now - heardAt > NewcomerMilliseconds) _newcomers.Remove(node);
        }
    }

    private void Hear(DiskRefused refusal)
    {
        if (refusal.KnownStartId.Length > 0)
        {
            HearOfAnother(refusal);
            return;
        }
        // Meant for another process under this node's name, or from one whose own disk does not count; and
        // who waits to be added only learns that its name must be removed first.
        var isMine = refusal.KnownDiskId != _disk.DiskId;
        var counts = !_known.TryGetValue(refusal.From, out var known) || known == refusal.DiskId;
        if (!isMine || !counts || _disk.HasJoined) return;
        Refuse($"this disk was emptied or replaced: {refusal.From} knows {_identity.Node} by disk "
            + $"{refusal.KnownDiskId}, and this one is {_disk.DiskId}. Bring back the very folder that it "
            + "wrote last; a copy from earlier lacks votes and entries that it gave its word for. Or "
            + AddedAnew);
    }

    /// <summary>
    /// Another process runs from this disk or a copy of it. Both processes read this, from one address, and
    /// late ones come to their successors: it is for the one that it names.
    /// </summary>
    private void HearOfAnother(DiskRefused refusal)
    {
        var isMine = refusal.KnownDiskId == _disk.DiskId && refusal.RefusedStartId == _disk.StartId;
        if (isMine) Supersede(refusal.From, refusal.KnownStartId);
    }

    /// <summary>
    /// What this process gave its word for is not what the other one did. It is written down: the next start
    /// from this folder may meet nobody who remembers the other, or name this process's start as its own.
    /// </summary>
    private void Supersede(NodeId peer, string startId)
    {
        _disk.StoreSuperseded(startId);
        Refuse($"{peer} hears another process of this node, {startId}, which " + RanFrom(_disk.DiskId)
            + $" This process is {_disk.StartId}." + OnlyNewest);
    }

    private static string RanFrom(string disk) =>
        $"runs or ran from this disk ({disk}) or from a copy of its folder.";

    private void Refuse(string why)
    {
        RefusedBecause = why;
        _logger.Refused(_identity.Node, why);
    }

    private bool IsOfLiveProcess(PeerMessage message)
    {
        var earlier = (message as AnnounceDisk)?.EarlierStartId ?? "";
        var verdict = _starts.Hear(message.From, message.DiskId, message.StartId, earlier, _now);
        if (verdict == LiveStarts.Verdict.Heard) return true;
        var live = _starts.Of(message.From, message.DiskId);
        _drops.Count($"a {message.GetType().Name} came from {message.From}'s process {message.StartId}, and "
            + $"{live} is heard from this disk");
        if (verdict == LiveStarts.Verdict.Asked)
        {
            _send(new AnnounceDisk
            {
                From = _identity.Node,
                To = message.From,
                AskedStartId = message.StartId,
                EarlierStartId = live,
            });
        }
        if (verdict == LiveStarts.Verdict.Refused)
        {
            _send(new DiskRefused
            {
                From = _identity.Node,
                To = message.From,
                KnownDiskId = message.DiskId,
                KnownStartId = live,
                RefusedStartId = message.StartId,
            });
        }
        return false;
    }

    /// <summary>By the newest memberships; where they do not name a disk, by the bootstrap.</summary>
    private HashSet<string> DisksOf(NodeId node)
    {
        var disks = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in _groups)
        {
            if (DiskOf(group, node) is { } disk) disks.Add(disk);
        }
        return disks;
    }

    private string? DiskThatRuns(NodeId node)
    {
        var disks = DisksOf(node);
        if (disks.Count <= 1) return disks.FirstOrDefault();
        if (node == _identity.Node) return _disk.DiskId;
        return disks.Where(disk => _now - _starts.HeardAt(node, disk) <= NewcomerMilliseconds)
            .MaxBy(disk => _starts.HeardAt(node, disk));
    }

    private string? DiskOf(GroupRunner group, NodeId node) => group.Core.MemberOf(node) switch
    {
        null => null,
        { DiskId.Length: > 0 } member => member.DiskId,
        _ => node == _identity.Node ? _disk.DiskId : _known.GetValueOrDefault(node),
    };

    private bool HasThisNode(GroupRunner group) => DiskOf(group, _identity.Node) == _disk.DiskId;

    /// <summary>
    /// A vote or an acknowledgement counts for the disk that the membership names. A request may come from a
    /// node that this one does not know yet; it proves itself by its term and its log.
    /// </summary>
    private bool IsOfKnownDisk(PeerMessage message)
    {
        if (message is not (PreVoteReply or RequestVoteReply or AppendEntriesReply or InstallSnapshotReply))
            return true;
        var group = _groups.FirstOrDefault(one => one.Name == message.Group);
        if (group is null || DiskOf(group, message.From) is not { } known || known == message.DiskId)
            return true;
        _drops.Count($"a {message.GetType().Name} came from disk '{message.DiskId}', "
            + $"and {message.From} is known by disk '{known}'");
        return false;
    }

    /// <summary>
    /// The disks of two nodes may be known to each other and that of a third not be the same for both: it was
    /// emptied while the cluster formed. Then they do not keep the same log. A node that joins takes the log
    /// that it is given first.
    /// </summary>
    private bool IsOfThisLog(PeerMessage message)
    {
        if (_disk.HasJoined && _disk.LogId.Length == 0 && message.LogId.Length > 0
            && message is AppendEntries or InstallSnapshot)
        {
            _disk.AdoptLog(message.LogId);
            _logger.TakesPart(_identity.Node, _disk.LogId);
        }
        if (message.LogId == _disk.LogId) return message.LogId.Length > 0;
        _drops.Count($"a {message.GetType().Name} from {message.From} is of the log '{message.LogId}', "
            + $"and this node's is {_disk.LogId}");
        return false;
    }
}

using Microsoft.Extensions.Logging;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>
/// Who of the members is known by which disk. A node that lost its disk has lost its vote and its log with
/// it, so it must not count under its old name: two leaders of one term would be possible.
/// </summary>
internal sealed class DiskRoll(
    DiskIdentity identity, ConsensusStore store, Action<PeerMessage> send, DropLog drops, ILogger logger)
{
    private const long AnnounceMilliseconds = 200;

    private readonly Dictionary<NodeId, string> _known = new(store.ReadDisks());
    private readonly List<NodeId> _others = [.. identity.Members.Where(member => member != identity.Node)];
    private long _nextAnnouncement;

    /// <summary>Every member's disk is known AND stored.</summary>
    public bool IsComplete => _known.Count == _others.Count;

    /// <summary>Why another member does not count this node's disk; null while none refuses it.</summary>
    public string? RefusedBecause { get; private set; }

    public bool TakesPart => IsComplete && RefusedBecause is null;

    public string Missing => string.Join(", ", _others.Where(member => !_known.ContainsKey(member)));

    /// <summary>When <see cref="Announce"/> has something to do.</summary>
    public long NextDeadline => IsComplete || RefusedBecause is not null ? long.MaxValue : _nextAnnouncement;

    /// <summary>Asks the members that are unknown who they are.</summary>
    public void Announce(long now)
    {
        if (now < NextDeadline) return;
        _nextAnnouncement = now + AnnounceMilliseconds;
        foreach (var member in _others.Where(member => !_known.ContainsKey(member)))
        {
            send(new AnnounceDisk { From = identity.Node, To = member, WantsAnswer = true });
        }
    }

    /// <summary>
    /// Handles what is about disks, drops what is not for this node; true for a message that a group's core
    /// may see.
    /// </summary>
    public bool Admits(PeerMessage message)
    {
        if (message.ClusterId != identity.ClusterId || message.To != identity.Node
            || !_others.Contains(message.From))
        {
            drops.Count($"a {message.GetType().Name} from {message.From} of cluster '{message.ClusterId}' "
                + $"to {message.To} is not from a member of this cluster to this node");
            return false;
        }
        switch (message)
        {
            case AnnounceDisk announcement:
                Hear(announcement);
                return false;
            case DiskRefused refusal:
                Hear(refusal);
                return false;
            default:
                return IsCounted(message);
        }
    }

    private void Hear(AnnounceDisk announcement)
    {
        var (member, diskId) = (announcement.From, announcement.DiskId);
        if (!_known.TryGetValue(member, out var known))
        {
            if (diskId.Length == 0) return;
            store.StoreDisk(member, diskId);
            _known.Add(member, diskId);
            logger.DiskLearned(identity.Node, member, diskId);
            if (IsComplete) logger.TakesPart(identity.Node, store.LogId);
        }
        else if (known != diskId)
        {
            logger.DiskOfMemberRefused(identity.Node, member, diskId, known);
            send(new DiskRefused { From = identity.Node, To = member, KnownDiskId = known });
            return;
        }
        if (announcement.WantsAnswer) send(new AnnounceDisk { From = identity.Node, To = member });
    }

    private void Hear(DiskRefused refusal)
    {
        // Meant for another process under this node's name, or from one whose own disk does not count.
        var isMine = refusal.KnownDiskId != store.DiskId;
        var counts = !_known.TryGetValue(refusal.From, out var known) || known == refusal.DiskId;
        if (!isMine || !counts || RefusedBecause is not null) return;
        RefusedBecause = $"this disk was emptied or replaced: {refusal.From} knows {identity.Node} by disk "
            + $"{refusal.KnownDiskId}, and this one is {store.DiskId}. Bring back the very folder that it "
            + "wrote last; a copy from earlier lacks votes and entries that it gave its word for.";
        logger.Refused(identity.Node, RefusedBecause);
    }

    private bool IsCounted(PeerMessage message)
    {
        if (!TakesPart) return false;
        if (_known[message.From] == message.DiskId) return IsOfThisLog(message);
        drops.Count($"a {message.GetType().Name} came from disk '{message.DiskId}', "
            + $"and {message.From} is known by disk '{_known[message.From]}'");
        return false;
    }

    /// <summary>
    /// The disks of two nodes may be known to each other and that of a third not be the same for both: it was
    /// emptied while the cluster formed. Then they do not keep the same log.
    /// </summary>
    private bool IsOfThisLog(PeerMessage message)
    {
        if (message.LogId == store.LogId) return true;
        drops.Count($"a {message.GetType().Name} from {message.From} is of the log '{message.LogId}', "
            + $"and this node's is {store.LogId}");
        return false;
    }
}

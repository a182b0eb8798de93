using Muster.Contracts;

namespace Muster.Consensus.Driver;

/// <summary>
/// Which process of each disk is heard. Two that run from one disk, or from copies of one folder, would be
/// one voter who votes twice: the one that is heard stays, another may follow once it has fallen silent, and
/// only one that was started later.
/// </summary>
/// <param name="silence">
/// In milliseconds, some heartbeats: who lives is heard within it. A restart takes about as long.
/// </param>
/// <param name="late">
/// In milliseconds: for so long after a process was followed its messages may still be under way.
/// </param>
/// <param name="isMember">Whether a node's disk is a member's, which is never forgotten.</param>
internal sealed class LiveStarts(long silence, long late, Func<NodeId, string, bool> isMember)
{
    private const int NumberDigits = 8;

    /// <summary>More than a cluster has; who sends garbage gets no further.</summary>
    private const int MostDisks = 256;

    private readonly Dictionary<(NodeId Node, string DiskId), Heard> _heard = [];

    public enum Verdict
    {
        /// <summary>Of the process that is heard, now or from now on.</summary>
        Heard,

        /// <summary>Of another process; it may come to be heard, or be over.</summary>
        Ignored,

        /// <summary>Of a process that is too many: another one lives, or an older copy was started.</summary>
        Refused,
    }

    /// <summary>The process that is heard of a disk; empty: none.</summary>
    public string Of(NodeId node, string diskId) => _heard.GetValueOrDefault((node, diskId))?.StartId ?? "";

    /// <summary>When a process of a disk was heard last; null: never, or it is forgotten.</summary>
    public long? HeardAt(NodeId node, string diskId) => _heard.GetValueOrDefault((node, diskId))?.At;

    public Verdict Hear(NodeId node, string diskId, string startId, long now)
    {
        if (!_heard.TryGetValue((node, diskId), out var heard))
        {
            if (_heard.Count >= MostDisks && !MakeRoom(now)) return Verdict.Ignored;
            _heard.Add((node, diskId), new Heard(startId, now) { At = now });
            return Verdict.Heard;
        }
        if (heard.StartId == startId)
        {
            heard.At = now;
            return Verdict.Heard;
        }
        if (string.CompareOrdinal(Number(startId), Number(heard.StartId)) <= 0)
        {
            return now - heard.Since > late ? Verdict.Refused : Verdict.Ignored;
        }
        if (now - heard.At >= silence)
        {
            _heard[(node, diskId)] = new Heard(startId, now) { At = now };
            return Verdict.Heard;
        }
        // The other one was heard a moment ago. If it still is when this one has been there for longer than a
        // last message takes, both live.
        heard.FollowedAt ??= now;
        return heard.At - heard.FollowedAt > late ? Verdict.Refused : Verdict.Ignored;
    }

    /// <summary>
    /// Forgets the disk that was silent for the longest time: nodes that lose their folders with each start
    /// come with a new one each time.
    /// </summary>
    private bool MakeRoom(long now)
    {
        var silent = _heard.Where(one => now - one.Value.At > late).OrderBy(one => one.Value.At)
            .Select(one => one.Key).FirstOrDefault(disk => !isMember(disk.Node, disk.DiskId));
        return silent.DiskId is not null && _heard.Remove(silent);
    }

    private static string Number(string startId) =>
        startId.Length > NumberDigits ? startId[..NumberDigits] : startId;

    private sealed class Heard(string startId, long since)
    {
        public string StartId => startId;

        public long Since => since;

        public required long At { get; set; }

        /// <summary>When a later one was first heard beside it.</summary>
        public long? FollowedAt { get; set; }
    }
}

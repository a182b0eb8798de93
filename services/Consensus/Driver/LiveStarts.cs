using Muster.Consensus.Storage;
using Muster.Contracts;

namespace Muster.Consensus.Driver;

/// <summary>
/// Which process of each disk is heard. Two that run from one disk, or from copies of one folder, would be
/// one voter who votes twice: the one that is heard stays, another may follow once it has fallen silent, and
/// only one that says that the other is among the starts of its disk. That it was started more often proves
/// nothing: a copy from before counts its starts too.
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
    /// <summary>More than a cluster has; who sends garbage gets no further.</summary>
    private const int MostDisks = 256;

    private readonly Dictionary<(NodeId Node, string DiskId), Heard> _heard = [];

    public enum Verdict
    {
        /// <summary>Of the process that is heard, now or from now on.</summary>
        Heard,

        /// <summary>Of another process; it may come to be heard, or be over.</summary>
        Ignored,

        /// <summary>
        /// Of a later process, which is to be asked whether it comes after the one that is heard.
        /// </summary>
        Asked,

        /// <summary>Of a process that is too many: another one lives, or an older copy was started.</summary>
        Refused,
    }

    /// <summary>The process that is heard of a disk; empty: none.</summary>
    public string Of(NodeId node, string diskId) => _heard.GetValueOrDefault((node, diskId))?.StartId ?? "";

    /// <summary>When a process of a disk was heard last; null: never, or it is forgotten.</summary>
    public long? HeardAt(NodeId node, string diskId) => _heard.GetValueOrDefault((node, diskId))?.At;

    /// <param name="earlier">
    /// What the message says was started before its process, from the same disk; empty: nothing.
    /// </param>
    public Verdict Hear(NodeId node, string diskId, string startId, string earlier, long now)
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
        if (string.CompareOrdinal(StartIds.Number(startId), StartIds.Number(heard.StartId)) <= 0)
        {
            return now - heard.Since > late ? Verdict.Refused : Verdict.Ignored;
        }
        var later = heard.LaterOf(startId);
        if (earlier == heard.StartId) later.Since ??= now;
        if (later.Since is not { } since)
        {
            // Messages come many at once, and the answer takes a moment.
            if (now - later.AskedAt < silence / 3) return Verdict.Ignored;
            later.AskedAt = now;
            return Verdict.Asked;
        }
        if (now - heard.At >= silence)
        {
            _heard[(node, diskId)] = new Heard(startId, now) { At = now };
            return Verdict.Heard;
        }
        // The other one was heard a moment ago. If it still is when this one has been there for longer than a
        // last message takes, both live.
        return heard.At - since > late ? Verdict.Refused : Verdict.Ignored;
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

    private sealed class Heard(string startId, long since)
    {
        private Later? _later;

        public string StartId => startId;

        public long Since => since;

        public required long At { get; set; }

        /// <summary>
        /// What is known of a later one. Only of the last: that another was once there says nothing of it.
        /// </summary>
        public Later LaterOf(string id) => _later = _later is { } one && one.StartId == id ? one : new(id);
    }

    private sealed class Later(string startId)
    {
        public string StartId => startId;

        public long AskedAt { get; set; } = long.MinValue / 2;

        /// <summary>When it first said that it comes after the one that is heard.</summary>
        public long? Since { get; set; }
    }
}

using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>How a replica's digest stands against the others' at the same index.</summary>
internal enum Comparison
{
    /// <summary>Others are there, and none has told yet.</summary>
    Waiting,

    /// <summary>Nobody else is there to tell.</summary>
    Alone,

    /// <summary>Another has the same.</summary>
    Agreed,

    /// <summary>Another has a different one, and no third has decided.</summary>
    Disputed,

    /// <summary>Two others have the same one, and this is different.</summary>
    Differs,
}

/// <summary>
/// What a group's replicas know of each other, from their log alone, so the same on all of them at the same
/// index: who is there with which build, the version that the machine runs at, the digests told, and which
/// entries were refused. A part of every snapshot.
/// </summary>
internal sealed partial class GroupRecord
{
    /// <summary>Who has said nothing for so long by the record's time counts as gone.</summary>
    public const long GoneMilliseconds = 3 * 60 * 1_000;

    /// <summary>
    /// What time counts between two entries at most: after a pause all must have the chance to tell.
    /// </summary>
    public const long LongestStepMilliseconds = 10_000;

    public const int MaxReplicas = 64;
    public const int MaxPoints = 32;
    public const int MaxRefused = 256;

    private readonly SortedDictionary<string, Presence> _replicas = new(StringComparer.Ordinal);
    private readonly SortedDictionary<LogIndex, Point> _points = [];
    private readonly SortedSet<LogIndex> _refused = [];
    private LogIndex _incomparableUpTo;
    private long _logTime;

    /// <summary>The version that the machine runs at.</summary>
    public int Version { get; private set; } = MachineVersions.First.Oldest;

    /// <summary>The last index at which two replicas told the same digest.</summary>
    public LogIndex AgreedUpTo { get; private set; }

    /// <summary>In milliseconds: log time without its pauses.</summary>
    public long Time { get; private set; }

    /// <summary>Of all entries since the log began.</summary>
    public long PayloadBytes { get; private set; }

    /// <summary>The newest version that all present replicas have; the one in force if none.</summary>
    public int RaisableTo
    {
        get
        {
            var newest = Present.Select(replica => replica.Value.Versions.Newest)
                .DefaultIfEmpty(Version).Min();
            return newest > Version && AllHave(newest) ? newest : Version;
        }
    }

    /// <summary>A replica is there with a build that has a later version than the one in force.</summary>
    public bool IsNewerPresent => Present.Any(replica => replica.Value.Versions.Newest > Version);

    private IEnumerable<KeyValuePair<string, Presence>> Present =>
        _replicas.Where(replica => Time - replica.Value.ToldAt <= GoneMilliseconds);

    public bool IsRefused(LogIndex index) => _refused.Contains(index);

    /// <summary>When it last told of itself, by the record's time, and with which versions.</summary>
    public (long ToldAt, MachineVersions Versions)? PresenceOf(string replica) =>
        _replicas.TryGetValue(replica, out var found) ? (found.ToldAt, found.Versions) : null;

    public bool HasReport(string replica, LogIndex index) =>
        _points.TryGetValue(index, out var point) && point.Told.ContainsKey(replica);

    /// <summary>A report of this state would be kept.</summary>
    public bool IsComparable(LogIndex index) =>
        index > _incomparableUpTo && (_points.Count < MaxPoints || index >= _points.Keys.First());

    /// <summary>The digest that two replicas told first; null until then.</summary>
    public ulong? AgreedAt(LogIndex index) =>
        _points.TryGetValue(index, out var point) ? point.Agreed : null;

    /// <summary>A replica asks that told its digest before.</summary>
    public Comparison Compare(string replica, LogIndex index, ulong digest)
    {
        var point = _points.GetValueOrDefault(index);
        if (point?.Agreed is { } agreed)
        {
            return agreed == digest ? Comparison.Agreed : Comparison.Differs;
        }
        if (point is not null && point.Told.Any(told => told.Key != replica && told.Value != digest))
        {
            return Comparison.Disputed;
        }
        // What was told before its own report is known, so who is present is, too.
        return HasReport(replica, index) && Present.All(other => other.Key == replica)
            ? Comparison.Alone
            : Comparison.Waiting;
    }

    /// <summary>Every entry, before anything else is done with it.</summary>
    public void Count(LogEntry entry)
    {
        Time += Math.Clamp(entry.LogTime - _logTime, 0, LongestStepMilliseconds);
        _logTime = Math.Max(_logTime, entry.LogTime);
        PayloadBytes += entry.Payload.Length;
    }

    /// <summary>The entry at this index is refused: the machine never sees it.</summary>
    public void Skip(LogIndex index)
    {
        _refused.Add(index);
        if (_refused.Count > MaxRefused)
        {
            _refused.Remove(_refused.Min);
        }
    }

    /// <summary>False for a refusal that comes too late.</summary>
    public bool Apply(RecordCommand command, LogIndex at)
    {
        switch (command)
        {
            case ReplicaReported report:
                Apply(report, at);
                return true;
            case EntryRefused refusal:
                return Apply(refusal, at);
            case VersionRaised raise:
                Apply(raise);
                return true;
            default:
                throw new InvalidOperationException($"A record command of no kind: {command}");
        }
    }

    private void Apply(ReplicaReported report, LogIndex at)
    {
        _replicas[report.Replica] = new(report.Versions, Time);
        foreach (var gone in _replicas.Keys.Except(Present.Select(replica => replica.Key)).ToList())
        {
            _replicas.Remove(gone);
        }
        if (_replicas.Count > MaxReplicas)
        {
            _replicas.Remove(_replicas.MinBy(replica => replica.Value.ToldAt).Key);
        }
        foreach (var state in report.States)
        {
            if (state.Index > _incomparableUpTo && state.Index < at)
            {
                Tell(report.Replica, state);
            }
        }
    }

    /// <summary>
    /// It comes too late when two replicas have told of the same state with that entry in it: there may be a
    /// snapshot of it, and no way back.
    /// </summary>
    private bool Apply(EntryRefused refusal, LogIndex at)
    {
        if (refusal.Index >= at || refusal.Index <= AgreedUpTo)
        {
            return false;
        }
        // Digests from there to here may be of states with the entry and without it.
        foreach (var index in _points.Keys.Where(index => index >= refusal.Index).ToList())
        {
            _points.Remove(index);
        }
        _incomparableUpTo = at;
        return true;
    }

    private void Apply(VersionRaised raise)
    {
        if (raise.Version > Version && AllHave(raise.Version))
        {
            Version = raise.Version;
        }
    }

    private bool AllHave(int version) => Present.Any() && Present.All(one => one.Value.Versions.Has(version));

    private void Tell(string replica, ToldState state)
    {
        if (!_points.TryGetValue(state.Index, out var point))
        {
            _points.Add(state.Index, point = new Point());
        }
        point.Told[replica] = state.Digest;
        if (point.Agreed is null
            && point.Told.Any(told => told.Key != replica && told.Value == state.Digest))
        {
            point.Agreed = state.Digest;
            AgreedUpTo = state.Index > AgreedUpTo ? state.Index : AgreedUpTo;
        }
        if (_points.Count > MaxPoints)
        {
            _points.Remove(_points.Keys.First());
        }
    }

    private readonly record struct Presence(MachineVersions Versions, long ToldAt);

    private sealed class Point
    {
        public SortedDictionary<string, ulong> Told { get; } = new(StringComparer.Ordinal);

        public ulong? Agreed { get; set; }
    }
}

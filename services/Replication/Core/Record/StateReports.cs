using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// The digests of this replica's states, and when it has to tell of itself. States are looked at after
/// entries at multiples of <see cref="ReplicaOptions.DigestEveryEntries"/>, of a power of two times that for
/// larger states, so that a digest costs little beside the entries between two; and after so many bytes of
/// entries. All of this is of the log, so replicas have digests of the same indexes, with other options
/// mostly.
/// </summary>
internal sealed class StateReports(ReplicaOptions options)
{
    /// <summary>While entries flow each replica tells so often that it is there.</summary>
    public const long PresenceMilliseconds = 60_000;

    /// <summary>Entries of so many bytes have a digest among them, however few they are.</summary>
    public const long PointBytes = 16 * 1024 * 1024;

    /// <summary>What an entry's share of a state's digest may be.</summary>
    private const int StateBytesPerEntry = 64;

    private const long LongestInterval = 16_384;

    private readonly SortedDictionary<LogIndex, ulong> _own = [];
    private int _stateBytes;
    private long _busyAt;
    private bool _hasCommands;
    private long _toldAt = long.MinValue / 2;

    public bool IsOn => options.DigestEveryEntries > 0;

    /// <summary>
    /// After an entry was counted in the record. Record entries alone are no reason: they would bring more of
    /// their kind for ever.
    /// </summary>
    public bool IsPoint(LogEntry entry, bool isRecord, GroupRecord record)
    {
        if (!isRecord)
        {
            _hasCommands = true;
            _busyAt = record.Time;
        }
        if (!IsOn || !_hasCommands)
        {
            return false;
        }
        var bytes = options.SnapshotEveryBytes > 0
            ? Math.Min(PointBytes, options.SnapshotEveryBytes)
            : PointBytes;
        return entry.Index.Value % Interval == 0
            || record.PayloadBytes / bytes != (record.PayloadBytes - entry.Payload.Length) / bytes;
    }

    public ulong Note(LogIndex index, ReadOnlySpan<byte> image)
    {
        (_stateBytes, _hasCommands) = (image.Length, false);
        var digest = StateDigest.Of(image);
        _own[index] = digest;
        if (_own.Count > GroupRecord.MaxPoints)
        {
            _own.Remove(_own.Keys.First());
        }
        return digest;
    }

    public void Restored(int stateBytes, GroupRecord record)
    {
        _own.Clear();
        (_stateBytes, _hasCommands, _busyAt) = (stateBytes, true, record.Time);
    }

    /// <summary>
    /// Null while nothing speaks against this replica's states. What is decided is forgotten.
    /// </summary>
    public string? Difference(GroupRecord record)
    {
        foreach (var (index, digest) in _own.ToList())
        {
            var agreed = record.AgreedAt(index);
            if (agreed == digest || !record.IsComparable(index))
            {
                _own.Remove(index);
            }
            else if (agreed is not null)
            {
                return $"its state after entry {index} has the digest {digest:x16}, and two other replicas "
                    + $"have {agreed:x16}: what it computed from the same log is another thing";
            }
        }
        return null;
    }

    /// <summary>What the log does not know yet; null when it knows all.</summary>
    public ReplicaReported? Wanted(long now, GroupRecord record, MachineVersions versions)
    {
        if (!IsOn)
        {
            return null;
        }
        var states = _own
            .Where(own => !record.HasReport(options.Replica, own.Key))
            .Select(own => new ToldState(own.Key, own.Value))
            .ToList();
        // Where a newer version is waited for, reports alone move time, and who is silent would be gone.
        var time = record.IsNewerPresent ? record.Time : _busyAt;
        var isPresent = record.PresenceOf(options.Replica) is { } presence
            && presence.Versions == versions
            && time - presence.ToldAt < PresenceMilliseconds
            // Without entries the record's time stands, and who is gone would hold up the newer version.
            && (record.Version >= versions.Newest || now - _toldAt < PresenceMilliseconds);
        return states.Count > 0 || !isPresent ? new(options.Replica, versions, states) : null;
    }

    public void Told(long now) => _toldAt = now;

    /// <summary>When to tell again although nothing happens.</summary>
    public long NextDeadline(GroupRecord record, MachineVersions versions) =>
        IsOn && record.Version < versions.Newest ? _toldAt + PresenceMilliseconds : long.MaxValue;

    private long Interval
    {
        get
        {
            var interval = options.SnapshotEveryEntries > 0
                ? Math.Min(options.DigestEveryEntries, options.SnapshotEveryEntries)
                : options.DigestEveryEntries;
            while (interval * StateBytesPerEntry < _stateBytes && interval < LongestInterval)
            {
                interval *= 2;
            }
            return interval;
        }
    }
}

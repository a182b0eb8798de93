using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>What the replica wants the others to know, and the snapshots that wait for them.</summary>
public sealed partial class ReplicaCore<TCommand, TEffect>
{
    /// <summary>Gives the time of the next that is due by itself.</summary>
    private long DriveRecord(long now, NodeId leader, List<ReplicaSend> sends)
    {
        if (!_refusals.IsHalted)
        {
            DriveSnapshots(now, leader, sends);
        }
        var wanted = Wanted(now);
        var template = new EntryEnvelope
        {
            Origin = _options.Origin,
            Number = 0,
            IssuedAt = _log.Machine.Time,
            MachineVersion = _log.Record.Version,
        };
        _log.Proposals.Send(now, leader, template, wanted, _proposals.TakeNumber, sends);
        if (wanted.Any(command => command is ReplicaReported))
        {
            _log.Reports.Told(now);
        }
        return Math.Min(
            _log.Proposals.NextDeadline(leader, wanted),
            Math.Max(now + 1, _log.Reports.NextDeadline(_log.Record, _log.Machine.Versions)));
    }

    private List<RecordCommand> Wanted(long now)
    {
        if (_refusals.IsHalted)
        {
            return _refusals.Wanted is { } refusal ? [refusal] : [];
        }
        if (!_log.CatchUp.IsCaughtUp(now))
        {
            return [];
        }
        var record = _log.Record;
        var wanted = new List<RecordCommand>();
        if (_log.Reports.Wanted(now, record, _log.Machine.Versions) is { } report)
        {
            wanted.Add(report);
        }
        if (_log.Reports.IsOn && record.RaisableTo is var version && version > record.Version
            && _log.Machine.Versions.Has(version))
        {
            wanted.Add(new VersionRaised(version));
        }
        return wanted;
    }

    private void DriveSnapshots(long now, NodeId leader, List<ReplicaSend> sends)
    {
        if (_log.Snapshots.IsDemanded(now, _log.Entries.Applied))
        {
            _log.Snapshots.Take(now, _log.Entries.Applied, _log.TakeImage(), digest: 0);
        }
        _log.Snapshots.Drive(
            now, leader, (index, digest) => _log.Record.Compare(_options.Replica, index, digest), sends);
    }
}

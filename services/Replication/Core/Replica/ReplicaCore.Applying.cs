using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>Entries and snapshots into the machine, and what happens when one does not go in.</summary>
public sealed partial class ReplicaCore<TCommand, TEffect>
{
    private void TakeEntries(
        long now, IReadOnlyList<LogEntry> entries, LogIndex commit, ReplicaOutput<TCommand, TEffect> output)
    {
        if (_log.Ahead is null)
        {
            _log.Entries.Add(entries, commit);
            Apply(now, output);
        }
        else
        {
            _log.Entries.NoticeCommit(commit);
            LookAt(now, entries, output);
        }
    }

    private void Apply(long now, ReplicaOutput<TCommand, TEffect> output)
    {
        while (_fault is null && _log.Ahead is null && _log.Entries.TryPeek(out var entry))
        {
            var isRefused = _refusals.IsRefused(entry);
            if (entry.Index == _refusals.HaltedAt && !isRefused)
            {
                var record = GroupRecord.Read(_log.Record.Write());
                _log.Ahead = new LookAhead(_options, entry.Index, record, _log.Leader);
                LookAt(now, _log.Entries.BehindNext, output);
                return;
            }
            var log = _log;
            try
            {
                var isRecord = isRefused ? PassOver(entry) : Apply(entry, output);
                if (!ReferenceEquals(log, _log))
                {
                    return;
                }
                Applied(now, entry, isRecord);
            }
            catch (UnsupportedEntryException exception)
            {
                _fault = $"Entry {entry.Index} of group {_options.Group} cannot be applied by this build: "
                    + exception.Message;
            }
            catch (Exception exception)
            {
                // A throw may have left half a change: the machine is made anew, up to the entry before.
                _refusals.HaltAt(entry, exception);
                GoThrough(_log.Id, output);
                return;
            }
        }
    }

    /// <summary>
    /// True for a record entry. It may take another machine: then the log is gone through again.
    /// </summary>
    private bool Apply(LogEntry entry, ReplicaOutput<TCommand, TEffect> output)
    {
        var envelope = entry.Kind != EntryKind.Command ? null : EntryEnvelope.Read(entry.Payload);
        if (envelope?.MachineVersion > _log.Machine.Versions.Newest)
        {
            throw new UnsupportedEntryException(
                $"it is of machine version {envelope.MachineVersion}, and this build has "
                + $"{_log.Machine.Versions}: upgrade this replica");
        }
        var isRecord = envelope is { IsRecord: true };
        var command = isRecord ? RecordCommand.Read(envelope!.Body.Span) : null;
        _log.Record.Count(entry);
        if (command is not null && !Apply(entry, command, output))
        {
            return true;
        }
        var effects = _log.Machine.Apply(new AppliedEntry
        {
            Index = entry.Index,
            LogTime = entry.LogTime,
            Origin = envelope?.Origin ?? "",
            IssuedAt = envelope?.IssuedAt ?? 0,
            Version = _log.Record.Version,
            Body = isRecord ? default : envelope?.Body ?? default,
        });
        var isOwn = envelope?.Origin == _options.Origin;
        if (isOwn)
        {
            _proposals.Settle(envelope!.Number);
            _log.Ticks.Settle(envelope.Number);
            _log.Proposals.Settle(envelope.Number);
        }
        // What was told before the log had to be gone through again is not told twice.
        if (entry.Index > _told)
        {
            output.AppliedList.Add(new(entry.Index, isOwn, effects) { LogId = _log.Id });
            _told = entry.Index;
        }
        return isRecord;
    }

    /// <summary>
    /// False when the log has to be gone through again, without an entry that this machine has.
    /// </summary>
    private bool Apply(LogEntry entry, RecordCommand command, ReplicaOutput<TCommand, TEffect> output)
    {
        var stands = _log.Record.Apply(command, entry.Index);
        if (!_log.Machine.Versions.Has(_log.Record.Version))
        {
            throw new UnsupportedEntryException(
                $"it raises the machine to version {_log.Record.Version}, and this build has "
                + $"{_log.Machine.Versions}: upgrade this replica");
        }
        if (stands && command is EntryRefused refusal && !_log.Record.IsRefused(refusal.Index)
            && !_refusals.Knows(refusal.Index))
        {
            _refusals.Learn(refusal);
            if (refusal.Index <= _told)
            {
                output.WithdrawnList.Add(new(refusal.Index, _told));
            }
            GoThrough(_log.Id, output);
            return false;
        }
        return true;
    }

    private bool PassOver(LogEntry entry)
    {
        _log.Record.Count(entry);
        _log.Record.Skip(entry.Index);
        _refusals.LastPassed = entry.Index;
        return false;
    }

    private void Applied(long now, LogEntry entry, bool isRecord)
    {
        _log.Entries.Advance();
        _log.Ticks.EntryApplied(now);
        _log.Snapshots.Count(entry);
        _refusals.GoOn(entry.Index);
        var isPoint = _log.Reports.IsPoint(entry, isRecord, _log.Record);
        var isDue = (isPoint || !_log.Reports.IsOn) && _log.Snapshots.IsDueAfter(entry.Index)
            && _log.CatchUp.IsCaughtUp(now);
        if (isPoint || isDue)
        {
            var image = _log.TakeImage();
            var digest = isPoint ? _log.Reports.Note(entry.Index, image) : 0;
            if (isDue)
            {
                _log.Snapshots.Take(now, entry.Index, image, digest);
            }
        }
        if ((isPoint || isRecord) && _log.Reports.Difference(_log.Record) is { } difference)
        {
            _fault = $"Replica {_options.Origin} of group {_options.Group} is not as the others: "
                + difference;
        }
    }

    private void LookAt(long now, IReadOnlyList<LogEntry> entries, ReplicaOutput<TCommand, TEffect> output)
    {
        try
        {
            _log.Ahead!.Look(entries, _log.Entries.KnownCommit);
        }
        catch (UnsupportedEntryException exception)
        {
            _fault = $"An entry of group {_options.Group} cannot be applied by this build: "
                + exception.Message;
            return;
        }
        if (_log.Ahead.Found is { } refusal)
        {
            _refusals.Learn(refusal);
            _log.Ahead = null;
            Apply(now, output);
        }
    }

    private void Restore(long now, GroupSnapshot snapshot)
    {
        try
        {
            _log.Restore(snapshot);
        }
        catch (Exception exception)
        {
            _fault =
                $"The snapshot of group {_options.Group} at {snapshot.Index} cannot be restored: {exception}";
            return;
        }
        var record = _log.Record;
        if (!_log.Machine.Versions.Has(record.Version))
        {
            _fault = $"The snapshot of group {_options.Group} at {snapshot.Index} is of machine version "
                + $"{record.Version}, and this build has {_log.Machine.Versions}: upgrade this replica.";
        }
        foreach (var refused in _refusals.KnownUpTo(snapshot.Index).Where(index => !record.IsRefused(index)))
        {
            _fault = $"Entry {refused} of group {_options.Group} was refused, and the only snapshot, at "
                + $"{snapshot.Index}, is of a state that has it: restore a backup, or wipe the group.";
        }
        _refusals.GoOn(snapshot.Index);
        _log.Ticks.EntryApplied(now);
    }
}

using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>What consensus nodes say, and what becomes of the machine by it.</summary>
public sealed partial class ReplicaCore<TCommand, TEffect>
{
    /// <summary>The only way in for messages: what is of another log ends here.</summary>
    private void TakeMessage(long now, ReplicaInput input, ReplicaOutput<TCommand, TEffect> output)
    {
        var origin = MessageOrigin.Of(input);
        if (origin.Group != _options.Group)
        {
            return;
        }
        switch (LogSuccession.Relate(_log.Id, origin))
        {
            case LogRelation.Other when input is RefusedReceived { Message: var refused }:
                // The node keeps another log, so its hints and terms mean nothing here.
                _log.Leader.Doubt();
                _reads.Refused(now, refused);
                _log.CatchUp.Refused(now, refused);
                return;
            case LogRelation.Other:
                _ignoredLogId = origin.ByLeader ? origin.LogId : _ignoredLogId;
                return;
            case LogRelation.Replaced:
                BeginAnew(origin.LogId, output);
                break;
            case LogRelation.Followed when _log.Id.Length == 0:
                _log.Id = origin.LogId;
                break;
        }
        TakeOfThisLog(now, input, output);
    }

    /// <summary>
    /// Forgets everything about the log so far. What was proposed to it or read from it is in doubt; requests
    /// that this step would have sent about it are not sent.
    /// </summary>
    private void BeginAnew(string logId, ReplicaOutput<TCommand, TEffect> output)
    {
        _proposals.GiveUpAll(output.UnknownList);
        _reads.GiveUpAll(output.ReadsUnknownList);
        output.SendList.Clear();
        _log = new FollowedLog<TEffect>(_options, _newMachine()) { Id = logId };
        _leaderChanges = 0;
        _ignoredLogId = "";
    }

    private void TakeOfThisLog(long now, ReplicaInput input, ReplicaOutput<TCommand, TEffect> output)
    {
        switch (input)
        {
            case EntriesCommittedReceived { Message: var message }:
                _log.Leader.Heard(now, message.Leader, message.Term);
                _log.Entries.Add(message.Entries, message.CommitIndex);
                Apply(now, output);
                break;
            case EntriesReadReceived { Message: var message }:
                _log.Entries.Add(message.Entries, message.CommitIndex);
                Apply(now, output);
                _log.CatchUp.EntriesAnswered(now, message);
                break;
            case SnapshotReadReceived { Message: var message }:
                if (_log.CatchUp.TakeSnapshot(now, message) is { } snapshot)
                {
                    Restore(now, snapshot);
                    Apply(now, output);
                }
                break;
            case LeaderElectedReceived { Message: var message }:
                _log.Leader.Heard(now, message.Leader, message.Term);
                break;
            case ReadIndexFoundReceived { Message: var message }:
                _log.Entries.NoticeCommit(message.Index);
                _reads.IndexFound(message);
                break;
            case GroupDescribed { Message: var message }:
                _log.Leader.Described(now, message);
                _log.Entries.NoticeCommit(message.CommitIndex);
                break;
            case RefusedReceived { Message: var message }:
                TakeRefusal(now, message, output);
                break;
        }
    }

    private void TakeRefusal(long now, ConsensusRefused refused, ReplicaOutput<TCommand, TEffect> output)
    {
        switch (refused.Reason)
        {
            case ConsensusRefusal.NotLeader:
                _log.Leader.Refused(refused.LeaderHint, refused.Term);
                break;
            case ConsensusRefusal.UnknownGroup:
                _log.Leader.Doubt();
                break;
            case ConsensusRefusal.LogFull:
                _log.Snapshots.LogFull();
                break;
        }
        _proposals.Refused(now, refused, output.UnknownList);
        _reads.Refused(now, refused);
        _log.CatchUp.Refused(now, refused);
        _log.Snapshots.Refused(refused);
    }

    private void Apply(long now, ReplicaOutput<TCommand, TEffect> output)
    {
        while (_fault is null && _log.Entries.TryPeek(out var entry))
        {
            try
            {
                output.AppliedList.Add(Apply(entry));
            }
            catch (Exception exception)
            {
                _fault = $"Entry {entry.Index} of group {_options.Group} cannot be applied: {exception}";
                return;
            }
            _log.Entries.Advance();
            _log.Ticks.EntryApplied(now);
            if (_log.Snapshots.IsDueAfter(entry) && _log.CatchUp.IsCaughtUp(now))
            {
                _log.SendSnapshot(now, output.SendList);
            }
        }
    }

    private AppliedEffects<TEffect> Apply(LogEntry entry)
    {
        if (entry.Kind != EntryKind.Command)
        {
            var empty = new AppliedEntry { Index = entry.Index, LogTime = entry.LogTime };
            return new(entry.Index, Own: false, _log.Machine.Apply(empty)) { LogId = _log.Id };
        }
        var envelope = EntryEnvelope.Read(entry.Payload);
        var effects = _log.Machine.Apply(new AppliedEntry
        {
            Index = entry.Index,
            LogTime = entry.LogTime,
            Origin = envelope.Origin,
            IssuedAt = envelope.IssuedAt,
            Body = envelope.Body,
        });
        var isOwn = envelope.Origin == _options.Origin;
        if (isOwn)
        {
            _proposals.Settle(envelope.Number);
            _log.Ticks.Settle(envelope.Number);
        }
        return new(entry.Index, isOwn, effects) { LogId = _log.Id };
    }

    private void Restore(long now, GroupSnapshot snapshot)
    {
        try
        {
            _log.Machine.Restore(SnapshotEnvelope.Read(snapshot.Payload));
        }
        catch (Exception exception)
        {
            _fault =
                $"The snapshot of group {_options.Group} at {snapshot.Index} cannot be restored: {exception}";
            return;
        }
        _log.Entries.JumpTo(snapshot.Index);
        _log.Snapshots.Restored();
        _log.Ticks.EntryApplied(now);
    }
}

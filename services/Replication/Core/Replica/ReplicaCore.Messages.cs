using Muster.Contracts;
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
        if (!ConsensusProtocol.Understands(origin.Protocol))
        {
            MeetOtherProtocol(now, $"a consensus node speaks protocol {origin.Protocol}, and this replica "
                + $"understands {ConsensusProtocol.Oldest} to {ConsensusProtocol.Spoken}: one of them is of "
                + "another version");
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
            case LogRelation.Other when input is GroupDescribed met && _log.Id.Length == 0:
                _log.Leader.Met(met.Message);
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

    /// <summary>The first that is met stands: two kinds of them would change places all the time.</summary>
    private void MeetOtherProtocol(long now, string problem)
    {
        _protocolProblemAt = now;
        if (_protocolProblem.Length == 0) _protocolProblem = problem;
    }

    /// <summary>
    /// Forgets everything about the log so far. What was proposed to it or read from it is in doubt; requests
    /// that this step would have sent about it are not sent.
    /// </summary>
    private void BeginAnew(string logId, ReplicaOutput<TCommand, TEffect> output)
    {
        output.SendList.Clear();
        GoThrough(logId, output);
        _refusals = new Refusals(_options);
        _told = LogIndex.Zero;
        _ignoredLogId = "";
    }

    /// <summary>From the newest snapshot on, with a new machine.</summary>
    private void GoThrough(string logId, ReplicaOutput<TCommand, TEffect> output)
    {
        _proposals.GiveUpAll(output.UnknownList);
        _reads.GiveUpAll(output.ReadsUnknownList);
        _log = new FollowedLog<TEffect>(_options, _newMachine()) { Id = logId };
        _leaderChanges = 0;
    }

    private void TakeOfThisLog(long now, ReplicaInput input, ReplicaOutput<TCommand, TEffect> output)
    {
        switch (input)
        {
            case EntriesCommittedReceived { Message: var message }:
                _log.Leader.Heard(now, message.Leader, message.Term);
                TakeEntries(now, message.Entries, message.CommitIndex, output);
                break;
            case EntriesReadReceived { Message: var message }:
                TakeEntries(now, message.Entries, message.CommitIndex, output);
                _log.Ahead?.Answered(message.RequestId);
                _log.CatchUp.EntriesAnswered(now, message);
                break;
            case SnapshotReadReceived { Message: var message }:
                var snapshot = _log.Ahead is { } ahead
                    ? ahead.TakeSnapshot(message)
                    : _log.CatchUp.TakeSnapshot(now, message);
                if (snapshot is not null)
                {
                    _log.Ahead = null;
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
            case ConsensusRefusal.OtherProtocol:
                MeetOtherProtocol(now, "a consensus node refuses what it is asked: " + refused.Message);
                break;
        }
        _proposals.Refused(now, refused, output.UnknownList);
        _reads.Refused(now, refused);
        _log.CatchUp.Refused(now, refused);
        _log.Snapshots.Refused(refused);
        _log.Ahead?.Refused(refused);
    }
}

using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// One replica of a group: keeps a machine up with the group's log, gets commands into the log, and says when
/// reads are linearizable. Pure: inputs and the time come in, requests and effects go out, and the machine is
/// the only thing it changes.
/// </summary>
public sealed class ReplicaCore<TCommand, TEffect>
{
    private readonly ReplicaOptions _options;
    private readonly IStateMachine<TEffect> _machine;
    private readonly LeaderKnowledge _leader;
    private readonly ApplyQueue _entries = new();
    private readonly CatchUp _catchUp;
    private readonly ProposalQueue<TCommand> _proposals;
    private readonly ReadQueue _reads;
    private readonly TickSchedule _ticks;
    private readonly SnapshotSchedule _snapshots;
    private readonly StandstillGuard _standstill;
    private int _leaderChanges;
    private string? _fault;

    public ReplicaCore(
        ReplicaOptions options, IStateMachine<TEffect> machine, Func<IReadOnlyList<TCommand>, byte[]> encode)
    {
        options.Validate();
        _options = options;
        _machine = machine;
        _leader = new LeaderKnowledge(options.Group);
        _catchUp = new CatchUp(options, _leader, _entries);
        _proposals = new ProposalQueue<TCommand>(options, encode);
        _reads = new ReadQueue(options);
        _ticks = new TickSchedule(options);
        _snapshots = new SnapshotSchedule(options);
        _standstill = new StandstillGuard(options);
    }

    /// <summary>Step again by then even without an input; always later than the last step.</summary>
    public long NextDeadline { get; private set; } = long.MinValue;

    public ReplicaView View => new()
    {
        Leader = _leader.Leader,
        Term = _leader.Term,
        AppliedIndex = _entries.Applied,
        CommitIndex = _entries.KnownCommit,
        WaitingCommands = _proposals.WaitingCount,
        InflightProposals = _proposals.InflightCount,
        OpenReads = _reads.Count,
    };

    public ReplicaOutput<TCommand, TEffect> Step(long now, IReadOnlyList<ReplicaInput> inputs)
    {
        var output = new ReplicaOutput<TCommand, TEffect>();
        _standstill.Step(now);
        foreach (var input in inputs)
        {
            Take(now, input, output);
        }
        if (_fault is null)
        {
            Drive(now, output);
        }
        else
        {
            // Nobody will answer these any more; their callers learn it at once.
            _proposals.GiveUpAll(output.UnknownList);
            _reads.GiveUpAll(output.ReadsUnknownList);
            NextDeadline = long.MaxValue;
        }
        output.AppliedIndex = _entries.Applied;
        output.IsCaughtUp = _fault is null && _catchUp.IsCaughtUp(now);
        output.Fault = _fault;
        return output;
    }

    /// <summary>Gives up everything that is open; the core does nothing any more.</summary>
    public ReplicaOutput<TCommand, TEffect> Stop(long now)
    {
        _fault ??= $"The replica of group {_options.Group} was stopped after entry {_entries.Applied}.";
        return Step(now, []);
    }

    private void Take(long now, ReplicaInput input, ReplicaOutput<TCommand, TEffect> output)
    {
        switch (input)
        {
            case CommandsSubmitted<TCommand> submitted when _standstill.IsInDoubt(now):
                output.UnknownList.AddRange(submitted.Commands);
                break;
            case CommandsSubmitted<TCommand> submitted:
                _proposals.Submit(now, submitted.Commands, output.OverloadedList);
                break;
            case ReadRequested read:
                _reads.Submit(now, read.Id, output.ReadsUnknownList);
                break;
            case Reconnected:
                _leader.Doubt();
                SendAllAgain();
                break;
            default:
                if (_fault is null)
                {
                    TakeMessage(now, input, output);
                }
                break;
        }
    }

    private void TakeMessage(long now, ReplicaInput input, ReplicaOutput<TCommand, TEffect> output)
    {
        switch (input)
        {
            case EntriesCommittedReceived { Message: var message } when message.Group == _options.Group:
                _leader.Heard(now, message.Leader, message.Term);
                _entries.Add(message.Entries, message.CommitIndex);
                Apply(now, output);
                break;
            case EntriesReadReceived { Message: var message } when message.Group == _options.Group:
                _entries.Add(message.Entries, message.CommitIndex);
                Apply(now, output);
                _catchUp.EntriesAnswered(now, message);
                break;
            case SnapshotReadReceived { Message: var message } when message.Group == _options.Group:
                if (_catchUp.TakeSnapshot(now, message) is { } snapshot)
                {
                    Restore(now, snapshot);
                    Apply(now, output);
                }
                break;
            case LeaderElectedReceived { Message: var message } when message.Group == _options.Group:
                _leader.Heard(now, message.Leader, message.Term);
                break;
            case ReadIndexFoundReceived { Message: var message } when message.Group == _options.Group:
                _entries.NoticeCommit(message.Index);
                _reads.IndexFound(message);
                break;
            case GroupDescribed { Message: var message } when message.Group == _options.Group:
                _leader.Described(now, message);
                _entries.NoticeCommit(message.CommitIndex);
                break;
            case RefusedReceived { Message: var message } when message.Group == _options.Group:
                TakeRefusal(now, message, output);
                break;
        }
    }

    private void TakeRefusal(long now, ConsensusRefused refused, ReplicaOutput<TCommand, TEffect> output)
    {
        switch (refused.Reason)
        {
            case ConsensusRefusal.NotLeader:
                _leader.Refused(refused.LeaderHint, refused.Term);
                break;
            case ConsensusRefusal.UnknownGroup:
                _leader.Doubt();
                break;
            case ConsensusRefusal.LogFull:
                _snapshots.LogFull();
                break;
        }
        _proposals.Refused(now, refused, output.UnknownList);
        _reads.Refused(now, refused);
        _catchUp.Refused(now, refused);
    }

    private void Apply(long now, ReplicaOutput<TCommand, TEffect> output)
    {
        while (_fault is null && _entries.TryPeek(out var entry))
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
            _entries.Advance();
            _ticks.EntryApplied(now);
            if (_snapshots.IsDueAt(entry.Index) && _catchUp.IsCaughtUp(now))
            {
                _snapshots.Send(now, _leader.Leader, entry.Index, _machine.TakeSnapshot, output.SendList);
            }
        }
    }

    private AppliedEffects<TEffect> Apply(LogEntry entry)
    {
        if (entry.Kind == EntryKind.Empty)
        {
            var empty = new AppliedEntry { Index = entry.Index, LogTime = entry.LogTime };
            return new(entry.Index, Own: false, _machine.Apply(empty));
        }
        var envelope = EntryEnvelope.Read(entry.Payload);
        var effects = _machine.Apply(new AppliedEntry
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
            _ticks.Settle(envelope.Number);
        }
        return new(entry.Index, isOwn, effects);
    }

    private void Restore(long now, GroupSnapshot snapshot)
    {
        try
        {
            _machine.Restore(snapshot.Payload);
        }
        catch (Exception exception)
        {
            _fault =
                $"The snapshot of group {_options.Group} at {snapshot.Index} cannot be restored: {exception}";
            return;
        }
        _entries.JumpTo(snapshot.Index);
        _ticks.EntryApplied(now);
    }

    private void Drive(long now, ReplicaOutput<TCommand, TEffect> output)
    {
        if (_leader.Changes != _leaderChanges)
        {
            _leaderChanges = _leader.Changes;
            SendAllAgain();
        }
        var leader = _leader.Leader;
        _proposals.Expire(now, output.UnknownList);
        _reads.Expire(now, output.ReadsUnknownList);
        _reads.TakeReady(_entries.Applied, output.ReadyList);
        _catchUp.Drive(now, output.SendList);
        // Before the machine is up, its time is too old to issue a proposal at.
        var mayPropose = _catchUp.IsCaughtUp(now);
        var wasSilent = _proposals.Send(now, leader, mayPropose, _machine.Time, output.SendList);
        wasSilent |= _reads.Send(now, leader, output.SendList);
        if (wasSilent)
        {
            _leader.Doubt();
        }
        var tickAt = long.MaxValue;
        if (mayPropose && !leader.IsNone)
        {
            _ticks.Send(
                now, leader, _machine.Time, _machine.NextDeadline, _proposals.TakeNumber, output.SendList);
            tickAt = _ticks.DueAt(_machine.Time, _machine.NextDeadline);
        }
        if (_snapshots.IsDemanded(now, _entries.Applied))
        {
            _snapshots.Send(now, leader, _entries.Applied, _machine.TakeSnapshot, output.SendList);
        }
        _leader.Drive(now, output.SendList);
        NextDeadline = new[]
        {
            _proposals.NextDeadline(now, leader), _reads.NextDeadline(now, leader), _catchUp.NextDeadline,
            tickAt, _leader.NextDeadline,
        }.Min();
    }

    private void SendAllAgain()
    {
        _proposals.SendAllAgain();
        _reads.AskAgain();
        _ticks.Forget();
        _catchUp.AskAgain();
    }
}

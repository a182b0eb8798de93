using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// One replica of a group: keeps a machine up with the group's log, gets commands into the log, and says when
/// reads are linearizable. Pure: inputs and the time come in, requests and effects go out, and the machine is
/// the only thing it changes.
/// </summary>
public sealed partial class ReplicaCore<TCommand, TEffect>
{
    /// <summary>
    /// Nodes of a version apart may be one of three, and speak in turn with those that are understood.
    /// </summary>
    private const long ProtocolProblemMilliseconds = 60_000;

    private readonly ReplicaOptions _options;
    private readonly Func<IStateMachine<TEffect>> _newMachine;
    private readonly ProposalQueue<TCommand> _proposals;
    private readonly ReadQueue _reads;
    private readonly StandstillGuard _standstill;
    private FollowedLog<TEffect> _log;
    private string _ignoredLogId = "";
    private string _protocolProblem = "";
    private long _protocolProblemAt;
    private int _leaderChanges;
    private Refusals _refusals;
    private LogIndex _told;
    private string? _fault;

    /// <param name="options">How it proposes, reads and catches up.</param>
    /// <param name="newMachine">Makes an empty machine, for each log and each going through it.</param>
    /// <param name="encode">Commands to an entry's body.</param>
    /// <param name="versionOf">The version of the machine that a command needs; null: any.</param>
    public ReplicaCore(
        ReplicaOptions options, Func<IStateMachine<TEffect>> newMachine,
        Func<IReadOnlyList<TCommand>, byte[]> encode, Func<TCommand, int>? versionOf = null)
    {
        options.Validate();
        _options = options;
        _newMachine = newMachine;
        _log = new FollowedLog<TEffect>(options, newMachine());
        _proposals = new ProposalQueue<TCommand>(options, encode, versionOf);
        _reads = new ReadQueue(options);
        _standstill = new StandstillGuard(options);
        _refusals = new Refusals(options);
    }

    /// <summary>
    /// The machine as of the last step; another object once the log was replaced, or is gone through again.
    /// </summary>
    public IStateMachine<TEffect> Machine => _log.Machine;

    /// <summary>Step again by then even without an input; always later than the last step.</summary>
    public long NextDeadline { get; private set; } = long.MinValue;

    public ReplicaView View => new()
    {
        LogId = _log.Id,
        IgnoredLogId = _ignoredLogId,
        ProtocolProblem = _protocolProblem,
        Leader = _log.Leader.Leader,
        IsLeaderSilent = _log.Leader.IsSilent,
        Term = _log.Leader.Term,
        ElectionMaxMilliseconds = _log.Leader.ElectionMaxMilliseconds,
        AppliedIndex = _log.Entries.Applied,
        CommitIndex = _log.Entries.KnownCommit,
        WaitingCommands = _proposals.WaitingCount,
        InflightProposals = _proposals.InflightCount,
        OpenReads = _reads.Count,
        SnapshotProblem = _log.Snapshots.Problem,
        MachineVersion = _log.Record.Version,
        Halt = _refusals.Halt,
        HaltedAt = _refusals.HaltedAt,
        RefusedIndex = _refusals.LastPassed,
        UnconfirmedSnapshot = _log.Snapshots.UnconfirmedIndex,
    };

    public ReplicaOutput<TCommand, TEffect> Step(long now, IReadOnlyList<ReplicaInput> inputs)
    {
        var output = new ReplicaOutput<TCommand, TEffect>();
        _standstill.Step(now);
        if (now - _protocolProblemAt >= ProtocolProblemMilliseconds) _protocolProblem = "";
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
        for (var sent = 0; sent < output.SendList.Count; sent++)
        {
            output.SendList[sent] = _log.Name(output.SendList[sent]);
        }
        output.LogId = _log.Id;
        output.AppliedIndex = _log.Entries.Applied;
        output.IsCaughtUp = MayPropose(now);
        output.Fault = _fault;
        return output;
    }

    /// <summary>Gives up everything that is open; the core does nothing any more.</summary>
    public ReplicaOutput<TCommand, TEffect> Stop(long now)
    {
        _fault ??= $"The replica of group {_options.Group} was stopped after entry {_log.Entries.Applied}.";
        return Step(now, []);
    }

    private void Take(long now, ReplicaInput input, ReplicaOutput<TCommand, TEffect> output)
    {
        switch (input)
        {
            case CommandsSubmitted<TCommand> submitted when _standstill.IsInDoubt(now):
                output.UnknownList.AddRange(submitted.Commands);
                break;
            case CommandsSubmitted<TCommand> submitted when _refusals.IsHalted:
                output.OverloadedList.AddRange(submitted.Commands);
                break;
            case CommandsSubmitted<TCommand> submitted:
                _proposals.Submit(now, submitted, output.OverloadedList);
                break;
            case ReadRequested read when _refusals.IsHalted:
                output.ReadsUnknownList.Add(read.Id);
                break;
            case ReadRequested read:
                _reads.Submit(now, read.Id, output.ReadsUnknownList);
                break;
            case Reconnected:
                _log.Leader.Doubt();
                SendAllAgain();
                break;
            case SnapshotNotSent unsent:
                _log.Snapshots.NotSent(unsent.RequestId);
                break;
            case RefusalRequested { Message: var refusal }:
                if (refusal.Group == _options.Group)
                {
                    _refusals.Request(refusal);
                }
                break;
            default:
                if (_fault is null)
                {
                    TakeMessage(now, input, output);
                }
                break;
        }
    }

    private void Drive(long now, ReplicaOutput<TCommand, TEffect> output)
    {
        if (_log.Leader.Changes != _leaderChanges)
        {
            _leaderChanges = _log.Leader.Changes;
            SendAllAgain();
        }
        var leader = _log.Leader.Leader;
        _proposals.Expire(now, output.UnknownList);
        _reads.Expire(now, output.ReadsUnknownList);
        _reads.TakeReady(_log.Entries.Applied, output.ReadyList);
        FollowOn(now, output);
        // Before the machine is up, its time is too old to issue a proposal at.
        var mayPropose = MayPropose(now);
        _proposals.MachineVersion = _log.Record.Version;
        if (mayPropose)
        {
            _proposals.SetAside(output.NotYetList);
        }
        var wasSilent = _proposals.Send(
            now, leader, mayPropose, _log.Machine.Time, output.SendList, output.TooLargeList);
        wasSilent |= _reads.Send(now, leader, output.SendList);
        if (wasSilent)
        {
            _log.Leader.Doubt();
        }
        var tickAt = long.MaxValue;
        if (mayPropose && !leader.IsNone)
        {
            var (time, due) = (_log.Machine.Time, _log.Machine.NextDeadline);
            _log.Ticks.Send(now, leader, time, due, _proposals.TakeNumber, output.SendList);
            tickAt = _log.Ticks.DueAt(time, due);
        }
        var recordAt = DriveRecord(now, leader, output.SendList);
        _log.Leader.Drive(now, output.SendList);
        NextDeadline = new[]
        {
            _proposals.NextDeadline(now, leader), _reads.NextDeadline(now, leader),
            _log.Ahead?.NextDeadline ?? _log.CatchUp.NextDeadline, tickAt, _log.Leader.NextDeadline,
            _log.Snapshots.NextDeadline(now, leader, _log.Entries.Applied), recordAt,
            _standstill.NextDeadline(now),
        }.Min();
    }

    private bool MayPropose(long now) =>
        _fault is null && !_refusals.IsHalted && _log.CatchUp.IsCaughtUp(now);

    private void FollowOn(long now, ReplicaOutput<TCommand, TEffect> output)
    {
        if (_log.Ahead is { } ahead)
        {
            ahead.Drive(now, output.SendList);
        }
        else
        {
            _log.CatchUp.Drive(now, output.SendList);
        }
    }

    private void SendAllAgain()
    {
        _proposals.SendAllAgain();
        _reads.AskAgain();
        _log.Ticks.Forget();
        _log.CatchUp.AskAgain();
        _log.Proposals.Forget();
    }
}

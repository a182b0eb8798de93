using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>The one reader of the channel and only owner of core, machine and open reads.</summary>
internal sealed class ReplicaLoop<TCommand, TEffect> : IDisposable
{
    /// <summary>Works through so many items, then steps: a flood delays no timer.</summary>
    private const int MaxItemsPerStep = 4_096;

    private readonly ReplicaSetup<TCommand, TEffect> _setup;
    private readonly Channel<ReplicaWork> _work;
    private readonly Func<ReplicaSend, bool> _send;
    private readonly ILogger _logger;
    private readonly ReplicaCore<TCommand, TEffect> _core;
    private readonly CoreTimer _timer;
    private readonly OpenReads _reads = new();
    private readonly List<MachineQuery> _inspections = [];
    private readonly List<ReplicaInput> _unsent = [];
    private int _commands;
    private int _taken;
    private long _dropped;
    private string _toldLogId = "";
    private IStateMachine<TEffect> _toldMachine;
    private volatile ReplicaStatus _status;

    public ReplicaLoop(
        ReplicaSetup<TCommand, TEffect> setup, Channel<ReplicaWork> work, Func<ReplicaSend, bool> send,
        TimeProvider time, ILogger logger)
    {
        _setup = setup;
        _work = work;
        _send = send;
        _logger = logger;
        _core = new ReplicaCore<TCommand, TEffect>(
            setup.Options, setup.NewMachine, setup.Encode, setup.VersionOf);
        _toldMachine = _core.Machine;
        _timer = new CoreTimer(time, () => work.Writer.TryWrite(WakeWork.Instance));
        _status = new ReplicaStatus { Group = setup.Options.Group, Origin = setup.Options.Origin };
    }

    public ReplicaStatus Status => _status;

    public ReplicaTurns Turns { get; } = new();

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public bool TrySubmit(TCommand command, string? traceParent)
    {
        // In the channel or waiting in the core: one number, so that a command on its way is never missed.
        if (Interlocked.Increment(ref _commands) <= _setup.Options.MaxPendingCommands
            && _status.Fault is null
            && _work.Writer.TryWrite(new CommandWork<TCommand>(command, traceParent)))
        {
            return true;
        }
        Interlocked.Decrement(ref _commands);
        return false;
    }

    public async Task RunAsync()
    {
        try
        {
            do
            {
                Step();
            }
            while (await _work.Reader.WaitToReadAsync().ConfigureAwait(false));
            HandOut(_core.Stop(_timer.Now));
        }
        catch (Exception exception)
        {
            // The sink or the encoder threw: the replica must not go on as if its effects had left.
            Fail($"Its loop failed after entry {_core.View.AppliedIndex}: {exception}");
        }
        finally
        {
            _work.Writer.TryComplete();
            GiveUpQueries();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Step()
    {
        var inputs = Gather();
        var now = _timer.Now;
        var output = _core.Step(now, inputs);
        var before = _status;
        _status = before with
        {
            View = _core.View,
            IsCaughtUp = output.IsCaughtUp,
            IsInitialized = output.Fault is null && _core.Machine.IsInitialized,
            Fault = output.Fault,
        };
        Interlocked.Add(
            ref _commands, _status.View.WaitingCommands - before.View.WaitingCommands - _taken);
        HandOut(output);
        Tell(before, _status);
        Turns.Notice(_status);
        _timer.Arm(_core.NextDeadline);
    }

    private List<ReplicaInput> Gather()
    {
        var inputs = new List<ReplicaInput>(_unsent);
        _unsent.Clear();
        var commands = new List<TCommand>();
        List<string?>? spans = null;
        for (var items = 0; items < MaxItemsPerStep && _work.Reader.TryRead(out var work); items++)
        {
            switch (work)
            {
                case CommandWork<TCommand> { Command: var command, TraceParent: var span }:
                    if (span is not null)
                    {
                        spans ??= [.. new string?[commands.Count]];
                    }
                    spans?.Add(span);
                    commands.Add(command);
                    break;
                case InputWork { Input: var input }:
                    inputs.Add(input);
                    break;
                case QueryWork { Query: { IsLinearizable: true } query }:
                    inputs.Add(new ReadRequested(_reads.Add(query)));
                    break;
                case QueryWork { Query: var query }:
                    _inspections.Add(query);
                    break;
            }
        }
        _taken = commands.Count;
        if (commands.Count > 0)
        {
            inputs.Add(new CommandsSubmitted<TCommand>(commands) { TraceParents = spans });
        }
        return inputs;
    }

    /// <summary>Effects before reads: who reads after an answer sees what it told.</summary>
    private void HandOut(ReplicaOutput<TCommand, TEffect> output)
    {
        foreach (var applied in output.Applied)
        {
            TellLog(applied.LogId);
            _setup.Sink.Applied(applied.Index, applied.Own, applied.Effects);
        }
        foreach (var (from, to) in output.Withdrawn)
        {
            _setup.Sink.Withdrawn(from, to);
        }
        TellLog(output.LogId);
        TellMachine();
        foreach (var command in output.Unknown)
        {
            _setup.Sink.Unknown(command);
        }
        foreach (var command in output.Overloaded)
        {
            _setup.Sink.Refused(command);
        }
        foreach (var command in output.TooLarge)
        {
            _setup.Sink.TooLarge(command);
        }
        foreach (var command in output.NotYet)
        {
            _setup.Sink.NotYet(command);
        }
        foreach (var id in output.ReadsReady)
        {
            _reads.Take(id).Run(_core.Machine, output.AppliedIndex);
        }
        foreach (var id in output.ReadsUnknown)
        {
            _reads.Take(id).GiveUp();
        }
        foreach (var query in _inspections)
        {
            // A machine that threw half-way through an entry answers nobody.
            if (output.Fault is null)
            {
                query.Run(_core.Machine, output.AppliedIndex);
            }
            else
            {
                query.GiveUp();
            }
        }
        _inspections.Clear();
        foreach (var send in output.Sends)
        {
            // It has no answer that its core could miss.
            if (!_send(send) && send.Message is StoreSnapshot)
            {
                _unsent.Add(new SnapshotNotSent(send.RequestId));
                _work.Writer.TryWrite(WakeWork.Instance);
            }
        }
    }

    private void TellLog(string logId)
    {
        if (logId == _toldLogId)
        {
            return;
        }
        if (_toldLogId.Length > 0)
        {
            _logger.LogReplaced(_setup.Options.Origin, _setup.Options.Group, logId, _toldLogId);
        }
        _toldLogId = logId;
        _setup.Sink.LogFollowed(logId);
    }

    private void TellMachine()
    {
        if (!ReferenceEquals(_toldMachine, _core.Machine))
        {
            _toldMachine = _core.Machine;
            _setup.Sink.MachineReplaced();
        }
    }

    private void Fail(string fault)
    {
        _status = _status with { Fault = fault, IsCaughtUp = false };
        _logger.Faulted(_setup.Options.Origin, _setup.Options.Group, fault);
        Turns.Notice(_status);
    }

    /// <summary>
    /// After the loop nothing is read from the channel: queries that got in are answered here.
    /// </summary>
    private void GiveUpQueries()
    {
        while (_work.Reader.TryRead(out var work))
        {
            if (work is QueryWork { Query: var query })
            {
                query.GiveUp();
            }
        }
        foreach (var query in _reads.All.Concat(_inspections))
        {
            query.GiveUp();
        }
    }

    private void TellRecord(ReplicaView before, ReplicaView after)
    {
        var (origin, group) = (_setup.Options.Origin, _setup.Options.Group);
        if (after.Halt.Length > 0 && after.Halt != before.Halt)
        {
            _logger.Halted(origin, group, after.Halt);
        }
        if (after.RefusedIndex != before.RefusedIndex)
        {
            _logger.EntryRefused(origin, group, after.RefusedIndex);
        }
        if (after.MachineVersion != before.MachineVersion)
        {
            _logger.VersionRaised(origin, group, after.MachineVersion);
        }
        if (after.UnconfirmedSnapshot != before.UnconfirmedSnapshot)
        {
            _logger.SnapshotUnconfirmed(origin, group, after.UnconfirmedSnapshot);
        }
    }

    private void Tell(ReplicaStatus before, ReplicaStatus after)
    {
        var (origin, group) = (after.Origin, after.Group);
        if (after.View.IgnoredLogId.Length > 0 && after.View.IgnoredLogId != before.View.IgnoredLogId)
        {
            _logger.LogIgnored(origin, group, after.View.IgnoredLogId, after.View.LogId);
        }
        if (after.View.ProtocolProblem is { Length: > 0 } problem && problem != before.View.ProtocolProblem)
        {
            _logger.OtherProtocol(origin, group, problem);
        }
        if (after.View.SnapshotProblem != before.View.SnapshotProblem)
        {
            if (after.View.SnapshotProblem.Length == 0) _logger.SnapshotsTaken(origin, group);
            else _logger.SnapshotFailed(origin, group, after.View.SnapshotProblem);
        }
        TellRecord(before.View, after.View);
        if (after.View.Leader != before.View.Leader || after.View.Term != before.View.Term)
        {
            _logger.LeaderChanged(origin, group, after.View.Leader, after.View.Term);
        }
        if (after.Fault is { } fault && before.Fault is null)
        {
            _logger.Faulted(origin, group, fault);
        }
        else if (after.IsCaughtUp && !before.IsCaughtUp)
        {
            _logger.CaughtUp(origin, group, after.View.AppliedIndex);
        }
        else if (before.IsCaughtUp && !after.IsCaughtUp)
        {
            _logger.FellBehind(origin, group, after.View.AppliedIndex, after.View.CommitIndex);
        }
        if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
        {
            _logger.Dropped(origin, group, dropped);
        }
    }
}

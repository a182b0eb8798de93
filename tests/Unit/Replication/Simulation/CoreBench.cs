using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Replication.Simulation;

/// <summary>One core, stepped by hand.</summary>
internal sealed class CoreBench
{
    public const string Group = "g";

    /// <summary>The log of all these messages; ids of younger ones come after it in the alphabet.</summary>
    public const string Log = "log-5";

    private readonly List<TestMachine> _machines = [];
    private readonly ReplicaCore<TestCommand, TestEffect> _core;

    public CoreBench(Func<ReplicaOptions, ReplicaOptions>? change = null, TestMachine? machine = null)
    {
        var options = new ReplicaOptions
        {
            Group = Group,
            Origin = "own.1",
            TickSlackMilliseconds = 0,
            DigestEveryEntries = 0, // a test of it sets it: reports are proposals
        };
        _core = new(change?.Invoke(options) ?? options, NewMachine, TestMachine.Encode);

        IStateMachine<TestEffect> NewMachine()
        {
            _machines.Add(_machines.Count == 0 && machine is not null ? machine : new TestMachine());
            return _machines[^1];
        }
    }

    /// <summary>The newest: there is one for each log.</summary>
    public TestMachine Machine => (TestMachine)_core.Machine;

    public IReadOnlyList<TestMachine> Machines => _machines;

    public long Now { get; set; }

    public long NextDeadline => _core.NextDeadline;

    public ReplicaView View => _core.View;

    public ReplicaOutput<TestCommand, TestEffect> Last { get; private set; } = null!;

    /// <summary>A core that knows leader n1 of term 1 and has applied its empty entry, at time 0.</summary>
    public static CoreBench Live(
        Func<ReplicaOptions, ReplicaOptions>? change = null, TestMachine? machine = null)
    {
        var bench = new CoreBench(change, machine);
        bench.Step();
        bench.Step(new GroupDescribed(Description("n1", 1, commit: 1)));
        bench.Step(new SnapshotReadReceived(
            new() { Group = Group, LogId = Log, RequestId = bench.IdOf<ReadSnapshot>() }));
        bench.Step(new EntriesReadReceived(new()
        {
            Group = Group,
            LogId = Log,
            RequestId = bench.IdOf<ReadEntries>(),
            Entries = [Empty(1)],
            CommitIndex = new(1),
        }));
        return bench;
    }

    public static GroupDescription Description(string leader, long term, long commit) => new()
    {
        Group = Group,
        LogId = Log,
        Node = new(leader),
        Role = RaftRole.Leader,
        Leader = new(leader),
        Term = new(term),
        CommitIndex = new(commit),
        Members = [new("n1"), new("n2"), new("n3")],
    };

    /// <summary>A machine's state as a snapshot of a group of no history.</summary>
    public static byte[] ImageOf(TestMachine machine) =>
        StateImage.Write(new GroupRecord(), machine.TakeSnapshot());

    public static LogEntry Empty(long index, long logTime = 0) =>
        new() { Index = new(index), Term = new(1), LogTime = logTime, Kind = EntryKind.Empty };

    public static LogEntry Command(long index, byte[] payload, long logTime = 0) =>
        Empty(index, logTime) with { Kind = EntryKind.Command, Payload = payload };

    public List<ReplicaSend> Step(params ReplicaInput[] inputs)
    {
        Last = _core.Step(Now, inputs);
        return [.. Last.Sends];
    }

    public List<ReplicaSend> StepAt(long now, params ReplicaInput[] inputs)
    {
        Now = now;
        return Step(inputs);
    }

    public List<ReplicaSend> Submit(params string[] ids) =>
        Step(new CommandsSubmitted<TestCommand>([.. ids.Select(id => new TestCommand(id, 1))]));

    public List<ReplicaSend> Commit(params LogEntry[] entries) => Commit("n1", 1, entries);

    public List<ReplicaSend> Commit(string leader, long term, params LogEntry[] entries) =>
        Step(new EntriesCommittedReceived(new()
        {
            Group = Group,
            LogId = Log,
            Leader = new(leader),
            Term = new(term),
            Entries = entries,
            CommitIndex = entries.Length == 0 ? LogIndex.Zero : entries[^1].Index,
        }));

    public List<ReplicaSend> Announce(long commit) =>
        Step(new EntriesCommittedReceived(new()
        {
            Group = Group,
            LogId = Log,
            Leader = new("n1"),
            Term = new(1),
            CommitIndex = new(commit),
        }));

    public List<ReplicaSend> Refuse(
        string requestId, ConsensusRefusal reason, string hint = "", long term = 1) =>
        Step(new RefusedReceived(new()
        {
            Group = Group,
            RequestId = requestId,
            Reason = reason,
            LeaderHint = new(hint),
            Term = new(term),
        }));

    public ReplicaOutput<TestCommand, TestEffect> Stop() => Last = _core.Stop(Now);

    /// <summary>The payload of the only report of the last step.</summary>
    public byte[] OnlyReport() =>
        Last.Sends.Of<ProposeEntries>().Single(sent => sent.Envelope().IsRecord).Payload();

    /// <summary>The request id of the only request of this kind in the last step.</summary>
    public string IdOf<T>() => Last.Sends.Single(send => send.Message is T).RequestId;
}

internal static class SendExtensions
{
    public static List<(string To, T Message)> Of<T>(this IEnumerable<ReplicaSend> sends) =>
        [.. sends.Where(send => send.Message is T).Select(send => (send.To.Value, (T)send.Message))];

    public static byte[] Payload(this (string To, ProposeEntries Message) sent) =>
        sent.Message.Payloads.Single();

    public static EntryEnvelope Envelope(this (string To, ProposeEntries Message) sent) =>
        EntryEnvelope.Read(sent.Payload());
}

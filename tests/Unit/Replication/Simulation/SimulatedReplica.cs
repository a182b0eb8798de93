using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Shouldly;

namespace Muster.Unit.Tests.Replication.Simulation;

/// <summary>One replica incarnation and what its callers were told.</summary>
internal sealed class SimulatedReplica(
    ReplicaOptions options, Func<TestMachine> newMachine, History history)
{
    private readonly ReplicaCore<TestCommand, TestEffect> _core =
        new(options, newMachine, TestMachine.Encode, TestMachine.VersionOf);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _reportsLeft = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (string Log, string[] Expected)> _reads = [];
    private long _lastRead;

    public TestMachine Machine => (TestMachine)_core.Machine;

    public string LogId => _core.View.LogId;

    public string Origin => options.Origin;

    public long NextDeadline => _core.NextDeadline;

    public LogIndex Applied { get; private set; }

    public bool IsCaughtUp { get; private set; }

    public string? Fault { get; private set; }

    public ReplicaView View => _core.View;

    public List<WithdrawnEntries> Withdrawn { get; } = [];

    /// <summary>Commands that need a later version of the machine.</summary>
    public List<string> NotYet { get; } = [];

    /// <summary>No message reaches it and it does not step.</summary>
    public long PausedUntil { get; set; }

    public int OpenCount => _open.Count + _reads.Count;

    public bool IsOpen(string id) => _open.Contains(id);

    public IReadOnlyList<ReplicaSend> Submit(long now, params TestCommand[] commands)
    {
        foreach (var command in commands)
        {
            _open.Add(command.Id);
            _reportsLeft[command.Id] = _reportsLeft.GetValueOrDefault(command.Id) + 1;
        }
        return Step(now, new CommandsSubmitted<TestCommand>(commands));
    }

    public IReadOnlyList<ReplicaSend> Read(long now)
    {
        // What the read must see: everything acknowledged to anybody before it.
        _reads.Add(++_lastRead, (history.Log, [.. history.Acknowledged]));
        return Step(now, new ReadRequested(_lastRead));
    }

    public IReadOnlyList<ReplicaSend> Step(long now, params ReplicaInput[] inputs)
    {
        var output = _core.Step(now, inputs);
        _core.NextDeadline.ShouldBeGreaterThan(now);
        Fault = output.Fault;
        IsCaughtUp = output.IsCaughtUp;
        Applied = output.AppliedIndex;
        foreach (var applied in output.Applied)
        {
            Take(applied);
        }
        Withdrawn.AddRange(output.Withdrawn);
        foreach (var unknown in output.Unknown.Concat(output.Overloaded))
        {
            // Given back again, a command may have been answered by a second copy of its first proposal.
            (--_reportsLeft[unknown.Id]).ShouldBeGreaterThanOrEqualTo(0, $"{unknown.Id} is reported twice");
            if (_open.Remove(unknown.Id))
            {
                history.Unknown.Add(unknown.Id);
            }
        }
        foreach (var command in output.NotYet)
        {
            _open.Remove(command.Id);
            NotYet.Add(command.Id);
        }
        foreach (var id in output.ReadsReady)
        {
            _reads.Remove(id, out var read).ShouldBeTrue();
            if (read.Log == history.Log)
            {
                read.Expected.Except(Machine.AddedIds).ShouldBeEmpty(
                    "a read must see what was acknowledged before it");
            }
            // Else the nodes were wiped after it was asked, by a replica that had not met their log yet:
            // what was acknowledged before is nowhere any more.
            history.ReadsServed++;
        }
        foreach (var id in output.ReadsUnknown)
        {
            _reads.Remove(id).ShouldBeTrue();
        }
        return output.Sends;
    }

    /// <summary>The process dies: what its callers wait for stays in doubt.</summary>
    public void Crash()
    {
        history.Unknown.UnionWith(_open);
        _open.Clear();
        _reads.Clear();
    }

    private void Take(AppliedEffects<TestEffect> applied)
    {
        history.Compare(applied);
        foreach (var effect in applied.Effects.Where(_ => applied.Own))
        {
            // A second copy of a proposal answers again; only the first answer has somebody waiting.
            if (_open.Remove(effect.Id))
            {
                // Too old is doubt: the first copy may be in a snapshot that this replica went over.
                effect.Outcome.ShouldNotBe(TestOutcome.Full);
                var told = effect.Outcome == TestOutcome.TooOld ? history.Unknown
                    : applied.LogId == history.Log ? history.Acknowledged
                    : history.Lost;
                told.Add(effect.Id);
            }
        }
    }

    public static ReplicaInput InputOf(object message) => message switch
    {
        EntriesCommitted committed => new EntriesCommittedReceived(committed),
        LeaderElected elected => new LeaderElectedReceived(elected),
        EntriesRead read => new EntriesReadReceived(read),
        SnapshotRead read => new SnapshotReadReceived(read),
        ReadIndexFound found => new ReadIndexFoundReceived(found),
        GroupDescription description => new GroupDescribed(description),
        ConsensusRefused refused => new RefusedReceived(refused),
        _ => throw new InvalidOperationException($"{message}"),
    };
}

/// <summary>What all callers together were told, and what each index did.</summary>
internal sealed class History
{
    private readonly Dictionary<(string Log, LogIndex Index), string> _effects = [];

    /// <summary>The log that the nodes keep now.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Acknowledged from a log that was wiped: nobody has it any more.</summary>
    public HashSet<string> Lost { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Submitted { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Acknowledged { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Unknown { get; } = new(StringComparer.Ordinal);

    /// <summary>A machine is made to differ from the others.</summary>
    public bool MayDiffer { get; set; }

    public int ReadsServed { get; set; }

    public void Begin(string log)
    {
        Log = log;
        Lost.UnionWith(Acknowledged);
        Acknowledged.Clear();
    }

    public void Compare(AppliedEffects<TestEffect> applied)
    {
        var place = (applied.LogId, applied.Index);
        var effects = string.Join(';', applied.Effects);
        if (!_effects.TryAdd(place, effects) && !MayDiffer)
        {
            effects.ShouldBe(_effects[place], $"{place} must do the same everywhere");
        }
    }
}

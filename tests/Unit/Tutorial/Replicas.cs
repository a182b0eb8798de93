using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;

namespace Muster.Unit.Tests.Tutorial;

/// <summary>Replicas of a real machine over one log, with a bus that takes a millisecond.</summary>
internal sealed class Replicas<TCommand, TEffect>
{
    private readonly SimulatedConsensus _consensus;
    private readonly IReadOnlyList<Member> _members;
    private long _now;

    public Replicas(
        int seed, int count, Func<IStateMachine<TEffect>> newMachine,
        Func<IReadOnlyList<TCommand>, byte[]> encode)
    {
        _consensus = new SimulatedConsensus(new Random(seed), Publish);
        _members = [.. Enumerable.Range(1, count).Select(number => new Member(
            new ReplicaCore<TCommand, TEffect>(
                new() { Group = SimulatedConsensus.Group, Origin = $"r{number}" }, newMachine, encode)))];
        _consensus.Elect();
        Run(1_000);
    }

    /// <summary>The effects of what each replica proposed itself.</summary>
    public IEnumerable<TEffect> Answers => _members.SelectMany(member => member.Own);

    public IStateMachine<TEffect> MachineOf(int replica) => _members[replica].Core.Machine;

    /// <summary>Nothing that is published reaches it, so it falls behind without knowing.</summary>
    public void Deafen(int replica) => _members[replica].IsDeaf = true;

    public void Submit(int replica, params TCommand[] commands) =>
        _members[replica].Inbox.Add(new CommandsSubmitted<TCommand>(commands));

    /// <summary>What a linearizable read of a replica's machine gives, once it may be answered.</summary>
    public T Read<T>(int replica, Func<IStateMachine<TEffect>, T> read)
    {
        var member = _members[replica];
        member.Reading = () => read(member.Core.Machine)!;
        member.Inbox.Add(new ReadRequested(1));
        Run(10_000);
        return member.WasRead.ShouldBeOfType<T>();
    }

    public void Run(long milliseconds)
    {
        for (var end = _now + milliseconds; _now < end; _now++)
        {
            if (_now % 5 == 0)
            {
                _consensus.Advance(_now);
            }
            foreach (var member in _members)
            {
                Step(member);
            }
        }
    }

    private void Step(Member member)
    {
        if (member.Inbox.Count == 0 && _now < member.Core.NextDeadline)
        {
            return;
        }
        var inputs = member.Inbox;
        member.Inbox = [];
        var output = member.Core.Step(_now, inputs);
        output.Fault.ShouldBeNull();
        member.Own.AddRange(
            output.Applied.Where(applied => applied.Own).SelectMany(applied => applied.Effects));
        if (output.ReadsReady.Count > 0)
        {
            member.WasRead = member.Reading!();
        }
        foreach (var send in output.Sends)
        {
            foreach (var node in _consensus.Nodes.Where(node => send.ToAll || send.To == node))
            {
                if (_consensus.Answer(node, send.Message) is { } answer)
                {
                    member.Inbox.Add(SimulatedReplica.InputOf(answer));
                }
            }
        }
    }

    private void Publish(object message)
    {
        foreach (var member in _members.Where(member => !member.IsDeaf))
        {
            member.Inbox.Add(SimulatedReplica.InputOf(message));
        }
    }

    private sealed class Member(ReplicaCore<TCommand, TEffect> core)
    {
        public ReplicaCore<TCommand, TEffect> Core => core;

        public List<ReplicaInput> Inbox { get; set; } = [];

        public List<TEffect> Own { get; } = [];

        public bool IsDeaf { get; set; }

        public Func<object>? Reading { get; set; }

        public object? WasRead { get; set; }
    }
}

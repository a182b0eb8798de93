using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Replication.Simulation;

/// <summary>
/// Replicas, consensus and a bus between them that delays, loses, repeats and reorders; one seed, one run.
/// </summary>
internal sealed class SimulatedWorld
{
    private readonly Random _random;
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly ReplicaOptions _template;
    private readonly Func<string, TestMachine> _newMachine;
    private long _order;
    private int _incarnations;

    public SimulatedWorld(int seed, int replicas, ReplicaOptions template, Func<TestMachine> newMachine)
        : this(seed, replicas, template, _ => newMachine())
    {
    }

    /// <summary>Replicas r1 to rN, each with a machine of its own making.</summary>
    public SimulatedWorld(
        int seed, int replicas, ReplicaOptions template, Func<string, TestMachine> newMachine)
    {
        _random = new Random(seed);
        _template = template;
        _newMachine = newMachine;
        Consensus = new SimulatedConsensus(_random, Publish);
        Consensus.Elect();
        History.Begin(Consensus.LogId);
        Replicas = [.. Enumerable.Range(0, replicas).Select(NewReplica)];
        Every(5, () => Consensus.Advance(Now));
        Every(100, Consensus.Announce);
    }

    public long Now { get; private set; }

    public SimulatedConsensus Consensus { get; }

    public List<SimulatedReplica> Replicas { get; }

    public History History { get; } = new();

    /// <summary>Share of messages lost, and as many repeated.</summary>
    public double LossShare { get; set; }

    public long LongestDelay { get; set; } = 3;

    public int ProposalsSent { get; private set; }

    public Random Random => _random;

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _order++));

    public void Every(long interval, Action action) => At(Now + interval, () =>
    {
        action();
        Every(interval, action);
    });

    public void Run(long until)
    {
        while (NextTime() is var next && next <= until)
        {
            Now = Math.Max(Now, next);
            if (_events.TryPeek(out _, out var first) && first.At <= Now)
            {
                _events.Dequeue()();
                continue;
            }
            foreach (var replica in Replicas.Where(replica => WakesAt(replica) <= Now).ToList())
            {
                Send(replica, replica.Step(Now));
            }
        }
        Now = until;
    }

    public void Submit(SimulatedReplica replica, params string[] ids)
    {
        if (ids.Any(replica.IsOpen))
        {
            return;
        }
        History.Submitted.UnionWith(ids);
        Send(replica, replica.Submit(Now, [.. ids.Select(id => new TestCommand(id, 1))]));
    }

    public void Read(SimulatedReplica replica) => Send(replica, replica.Read(Now));

    public void Reconnect(SimulatedReplica replica) => Send(replica, replica.Step(Now, new Reconnected()));

    /// <summary>Nothing of the log is left but what is under way.</summary>
    public void Wipe()
    {
        Consensus.Wipe();
        History.Begin(Consensus.LogId);
    }

    public void Restart(int number)
    {
        Replicas[number].Crash();
        Replicas[number] = NewReplica(number);
    }

    public void RefuseEntry(RefuseEntry refusal)
    {
        foreach (var replica in Replicas)
        {
            Send(replica, replica.Step(Now, new RefusalRequested(refusal)));
        }
    }

    private SimulatedReplica NewReplica(int number)
    {
        var name = $"r{number + 1}";
        return new(
            _template with { Origin = $"{name}.{++_incarnations}" }, () => _newMachine(name), History);
    }

    private long NextTime()
    {
        var wake = Replicas.Min(WakesAt);
        return _events.TryPeek(out _, out var first) ? Math.Min(first.At, wake) : wake;
    }

    private static long WakesAt(SimulatedReplica replica) =>
        Math.Max(replica.NextDeadline, replica.PausedUntil);

    private void Publish(object message)
    {
        foreach (var replica in Replicas)
        {
            Deliver(() => Receive(replica, message));
        }
    }

    private void Send(SimulatedReplica replica, IReadOnlyList<ReplicaSend> sends)
    {
        foreach (var send in sends)
        {
            ProposalsSent += send.RequestId.StartsWith('p') ? 1 : 0;
            foreach (var node in Consensus.Nodes.Where(node => send.ToAll || send.To == node))
            {
                Deliver(() => Ask(replica, node, send.Message));
            }
        }
    }

    private void Ask(SimulatedReplica replica, NodeId node, object request)
    {
        if (Consensus.Answer(node, request) is { } answer)
        {
            Deliver(() => Receive(replica, answer));
        }
    }

    private void Receive(SimulatedReplica replica, object message)
    {
        if (Replicas.Contains(replica) && Now >= replica.PausedUntil)
        {
            Send(replica, replica.Step(Now, SimulatedReplica.InputOf(message)));
        }
    }

    private void Deliver(Action receive)
    {
        var copies = _random.NextDouble() < LossShare ? 0 : _random.NextDouble() < LossShare ? 2 : 1;
        for (; copies > 0; copies--)
        {
            At(Now + 1 + _random.NextInt64(LongestDelay), receive);
        }
    }
}

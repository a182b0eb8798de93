using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>
/// Does to a run what its plan says, each kind of fault on a clock of its own, until it is healed.
/// </summary>
internal sealed class FaultInjector
{
    private const long Ms = Scheduler.Millisecond;

    private readonly Simulation _world;
    private readonly Chance _chance;
    private readonly LockFaults _locks;
    private readonly List<Action> _undo = [];
    private bool _isOver;

    public FaultInjector(Simulation world)
    {
        _world = world;
        _chance = world.Chance.Split("faults");
        _locks = new LockFaults(world);
        Disks = new DiskFaults(world, this);
    }

    public DiskFaults Disks { get; }

    public int Injected { get; set; }

    public void Start()
    {
        var rates = _world.Plan.Rates;
        Every(rates.NodeCrash, "crash", () => CrashOne(_world.Nodes, 20, 4_000));
        Every(rates.ReplicaCrash, "crash", () => CrashOne(_world.ReplicaProcesses, 20, 4_000));
        Every(rates.ClientCrash, "crash", () => CrashOne(_world.Clients, 20, 4_000));
        Every(rates.Pause, "pause", Pause);
        Every(rates.Cut, "cut", Cut);
        Every(rates.PartialCut, "partial cut", CutPartly);
        Every(rates.Stall, "stall", Stall);
        Every(rates.BrokerRestart, "broker restart", RestartBroker);
        Every(rates.ConnectionLoss, "connection", LoseConnection);
        Every(rates.FalseHint, "false hint", HintFalsely);
        Every(rates.DiskFull, "disk full", Disks.Fill);
        Every(rates.WallShift, "wall clock", ShiftWall);
        Every(rates.Transfer, "transfer", HandOver);
        Every(rates.MemberChange, "members", ChangeMembers);
        Every(rates.EmptyDisk, "disk emptied", Disks.Empty);
        Every(rates.SecondProcess, "second process", Disks.StartSecond);
        Every(rates.FalseVerdict, "verdict", _locks.AccuseAnybody);
        Every(rates.Break, "break", _locks.Break);
    }

    /// <summary>Ends all that is under way; nothing new comes.</summary>
    public void Heal()
    {
        _isOver = true;
        foreach (var undo in _undo)
        {
            undo();
        }
        _undo.Clear();
        foreach (var process in _world.Processes.Where(
            process => !process.IsUp && process is not ConsensusProcess { IsAway: true }))
        {
            process.Start();
        }
    }

    /// <summary>
    /// A write is done and nobody knows it yet, or some do: the moment at which a crash tells most.
    /// </summary>
    public bool CrashesAfterWrite(ConsensusProcess node)
    {
        if (_isOver || !_world.Nodes.Contains(node)
            || !_chance.OfThousand(_world.Plan.Rates.CrashAfterWrite))
        {
            return false;
        }
        _world.Counts.Count(Happening.CrashAtWrite);
        Crash(node, 1, 400);
        return true;
    }

    private void Every(long mean, string what, Action inject)
    {
        if (mean == 0)
        {
            return;
        }
        _world.Scheduler.After(_chance.Between(1, 2 * mean) * Ms, () =>
        {
            if (_isOver)
            {
                return;
            }
            Injected++;
            _world.Trace.Add("fault", what, Injected);
            inject();
            Every(mean, what, inject);
        });
    }

    /// <summary>For a time, or until all is healed.</summary>
    public void For(long milliseconds, Action undo)
    {
        var isUndone = false;
        _undo.Add(Once);
        _world.Scheduler.After(milliseconds * Ms, Once);

        void Once()
        {
            if (!isUndone)
            {
                isUndone = true;
                undo();
            }
        }
    }

    private void CrashOne(IReadOnlyList<SimulatedProcess> processes, long shortest, long longest)
    {
        var victim = _chance.Pick(processes);
        if (!victim.IsUp)
        {
            return;
        }
        Crash(victim, shortest, longest);
    }

    public void Crash(SimulatedProcess victim, long shortest, long longest)
    {
        Injected++;
        _world.Counts.Count(victim switch
        {
            ConsensusProcess => Happening.NodeCrash,
            ClientProcess => Happening.ClientCrash,
            _ => Happening.ReplicaCrash,
        });
        if (victim is ClientProcess client)
        {
            _locks.OnCrash(client);
        }
        victim.Crash();
        _world.Trace.Add("crash", victim.Name, victim.Life);
        _world.Scheduler.After(_chance.Between(shortest, longest) * Ms, () => Restart(victim));
    }

    public void Restart(SimulatedProcess victim)
    {
        if (_isOver || victim.IsUp)
        {
            return;
        }
        if (victim is ConsensusProcess node)
        {
            Disks.Damage(node);
            if (node.IsAway)
            {
                return;
            }
        }
        victim.Start();
    }

    private void Pause()
    {
        var victim = _chance.Pick(_world.Processes);
        if (!victim.IsUp || victim.IsPaused)
        {
            return;
        }
        // Sometimes longer than what a replica takes for a standstill, and than a session lives.
        var length = _chance.OfThousand(250) ? _chance.Between(2_500, 16_000) : _chance.Between(5, 2_000);
        // A lease is safe while one of the two clocks tells the truth. Who is suspended and has his wall
        // clock set back in one lease has none, and only the fencing token stands; so a run has one of the
        // two.
        var isSuspended = _chance.OfThousand(300) && _world.Plan.Rates.WallShift == 0;
        var (life, since) = (victim.Life, _world.Scheduler.Now);
        victim.Pause();
        _world.Counts.Count(isSuspended ? Happening.Suspension : Happening.Pause);
        _world.Trace.Add("paused", victim.Name, length);
        For(length, () =>
        {
            if (victim.Life != life || !victim.IsPaused)
            {
                return;
            }
            if (isSuspended)
            {
                victim.Clock.Suspended(_world.Scheduler.Now - since);
            }
            _world.Trace.Add("resumed", victim.Name, length);
            victim.Resume();
        });
    }

    private void Cut()
    {
        var victim = _chance.Pick(_world.Processes);
        var direction = _chance.Below(3);
        var cut = new Cut(
            Outbound: direction != 1, Inbound: direction != 0, Holds: _chance.OfThousand(500));
        var length = _chance.Between(50, 6_000);
        _world.Network.Set(victim.Name, cut);
        _world.Counts.Count(direction switch
        {
            0 => Happening.CutOutward,
            1 => Happening.CutInward,
            _ => Happening.CutBothWays,
        });
        _world.Trace.Add("cut", victim.Name, direction);
        if (_chance.OfThousand(500))
        {
            // Both ends give the connection up, each in its own time.
            _world.Scheduler.After(_chance.Between(0, length) * Ms, () =>
            {
                if (!_isOver) EndConnectionsOf(victim);
            });
        }
        For(length, () =>
        {
            _world.Network.Mend(victim.Name);
            _world.Broker.Mended(victim.Name);
        });
    }

    private void CutPartly()
    {
        var from = _chance.Pick(_world.Nodes).Name;
        var to = _chance.Pick(_chance.OfThousand(600) ? _world.Nodes : _world.Processes).Name;
        var isBothWays = _chance.OfThousand(500);
        _world.Network.Block(from, to);
        if (isBothWays) _world.Network.Block(to, from);
        _world.Counts.Count(isBothWays ? Happening.PartialCutBothWays : Happening.PartialCutOneWay);
        _world.Trace.Add("blocked", from, 0, to);
        For(_chance.Between(100, 8_000), () =>
        {
            _world.Network.Unblock(from, to);
            _world.Network.Unblock(to, from);
        });
    }

    private void Stall()
    {
        if (_world.Broker.IsStalled || !_world.Broker.IsUp)
        {
            return;
        }
        _world.Broker.Stall();
        _world.Counts.Count(Happening.Stall);
        For(_chance.Between(50, 4_000), () =>
        {
            if (_world.Broker.IsStalled) _world.Broker.Unstall();
        });
    }

    private void RestartBroker()
    {
        if (!_world.Broker.IsUp)
        {
            return;
        }
        _world.Broker.Stop();
        _world.Counts.Count(Happening.BrokerRestart);
        For(_chance.Between(50, 5_000), _world.Broker.Restart);
    }

    private void LoseConnection() => EndConnectionsOf(_chance.Pick(_world.Processes));

    private void EndConnectionsOf(SimulatedProcess process)
    {
        foreach (var session in _world.Broker.Sessions.Where(one => one.Owner == process.Name).ToList())
        {
            _world.Broker.End(session);
            _world.Counts.Count(Happening.ConnectionLoss);
        }
    }

    /// <summary>Of a living connection, of one of long ago, or of all nodes at once.</summary>
    private void HintFalsely()
    {
        var about = _chance.Pick(_world.Nodes);
        var address = about.Link.Settings.Address;
        string[] queues = _chance.Below(3) switch
        {
            0 => about.Link.IsUp ? [about.Link.Incarnation] : [],
            1 => [address + ".00000000"],
            _ => [.. _world.Nodes.Where(node => node.Link.IsUp).Select(node => node.Link.Incarnation)],
        };
        foreach (var queue in queues) _world.Broker.Announce(queue);
        if (queues.Length > 0 && _world.Broker.Hints.AreOn) _world.Counts.Count(Happening.FalseHint);
    }

    /// <summary>By an operator, to anybody; or because the node stops, in order, a moment later.</summary>
    private void HandOver()
    {
        var node = _chance.Pick(_world.Nodes);
        if (!node.IsUp)
        {
            return;
        }
        if (_chance.OfThousand(500))
        {
            node.HandOver(
                _chance.Pick(_world.Plan.Groups),
                _chance.OfThousand(500) ? NodeId.None : _chance.Pick(_world.Nodes).Id);
            return;
        }
        node.Leave();
        var life = node.Life;
        For(_chance.Between(1, 1_500), () =>
        {
            if (node.Life != life || !node.IsUp) return;
            Crash(node, 20, 2_000);
            if (_isOver) node.Start();
        });
    }

    /// <summary>Whatever comes to an operator's mind: the leader refuses what must not be.</summary>
    private void ChangeMembers()
    {
        var group = _chance.Pick(_world.Plan.Groups);
        var leader = _world.Nodes.FirstOrDefault(node => node.Of(group).IsLeader);
        if (leader is null)
        {
            return;
        }
        var left = _world.Nodes.Select(node => node.Id).ToList();
        leader.Change(group, new ChangeMembers
        {
            Add = Draw(2),
            Promote = Draw(1),
            Remove = Draw(2),
            StayLearners = _chance.OfThousand(250),
        });

        IReadOnlyList<NodeId> Draw(int most)
        {
            var drawn = new List<NodeId>();
            for (var count = _chance.Below(most + 1); count > 0 && left.Count > 0; count--)
            {
                var node = _chance.Pick(left);
                left.Remove(node);
                drawn.Add(node);
            }
            return drawn;
        }
    }

    private void ShiftWall()
    {
        var victim = _chance.Pick(_world.Clients);
        _world.Counts.Count(Happening.WallShift);
        victim.Clock.ShiftWall(_chance.Between(-5_000, 3_000) * Ms);
    }
}

using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>
/// What befalls the nodes' disks: damaged, full, emptied, and a second one under a node's name. Who has lost
/// something of its own accord is one node at a time: of three voters, two could not be repaired.
/// </summary>
internal sealed class DiskFaults(Simulation world, FaultInjector faults)
{
    private const long Ms = Scheduler.Millisecond;

    private readonly Chance _chance = world.Chance.Split("disks");
    private ConsensusProcess? _second;

    /// <summary>Its disk was emptied, and it is not a voter of every group again; null: nobody.</summary>
    public ConsensusProcess? Emptied { get; private set; }

    /// <summary>The cluster was founded: who loses its disk before has nobody who knows it.</summary>
    private bool IsFormed => world.Founders.All(node => node.HasLog)
        && world.Plan.Groups.All(group => world.Checks.RaftOf(group).Head > LogIndex.Zero);

    /// <summary>A node that starts finds a row damaged; none any more once one stays away.</summary>
    public void Damage(ConsensusProcess node)
    {
        if (Emptied is not null || world.Nodes.Any(one => one != node && one.IsDamaged)
            || !_chance.OfThousand(world.Plan.Rates.DamageAtStart))
        {
            return;
        }
        var disk = _chance.Pick(node.Groups).Disk;
        if (disk.Lose(_chance) is { } what)
        {
            faults.Injected++;
            world.Counts.Count(what);
            world.Trace.Add("damaged", node.Name, disk.Entries.Count, what.ToString());
        }
    }

    public void Fill()
    {
        var victim = _chance.Pick(world.Nodes);
        victim.IsDiskFull = true;
        var refill = _chance.Between(100, 3_000);
        faults.For(refill, () => victim.IsDiskFull = false);
        world.Scheduler.After(
            (refill + _chance.Between(10, 1_000)) * Ms, () => faults.Restart(victim));
    }

    /// <summary>
    /// A voter comes back with nothing. An operator, who first may take it for a founder that starts, has it
    /// join, removes its old self and adds it, in each group, until it votes everywhere again.
    /// </summary>
    public void Empty()
    {
        if (Emptied is not null || !IsFormed || world.Nodes.Any(node => node.IsDamaged))
        {
            return;
        }
        var victim = _chance.Pick(world.Founders);
        if (!victim.IsUp)
        {
            return;
        }
        faults.Crash(victim, 20, 1_500);
        Emptied = victim;
        Renew(victim, joins: _chance.OfThousand(600));
        world.Counts.Count(Happening.DiskEmptied);
        OperateAfter(_chance.Between(500, 6_000));
    }

    /// <summary>
    /// Under a node's name, and at its address, another process runs for a time, from an empty folder. (Two
    /// that run from copies of one folder are one voter twice while each is heard by somebody.)
    /// </summary>
    public void StartSecond()
    {
        if (_second is not null || !IsFormed)
        {
            return;
        }
        var first = _chance.Pick(world.Founders);
        if (!first.IsUp || first.IsDamaged || first == Emptied)
        {
            return;
        }
        var second = world.NewTwin(first, FolderOfSecond(first));
        if (second.Folder.DiskId == first.Folder.DiskId) second.CopyDisks(first);
        _second = second;
        world.Counts.Count(Happening.SecondProcess);
        world.Trace.Add("second process", second.Name, 0, second.Folder.DiskId);
        second.Start();
        faults.For(_chance.Between(500, 8_000), () =>
        {
            if (second.IsRefused) world.Counts.Count(Happening.SecondProcessRefused);
            second.Crash();
            _second = null;
        });
    }

    private SimulatedFolder FolderOfSecond(ConsensusProcess first)
    {
        if (world.Mutation.HearsEveryProcess)
        {
            return first.Folder.CopyOfSameStart();
        }
        return world.NewFolder(
            first.Id, _chance.OfThousand(500) ? [] : [.. world.Founders.Select(node => node.Id)]);
    }

    private void Renew(ConsensusProcess node, bool joins)
    {
        node.Empty(world.NewFolder(node.Id, joins ? [] : [.. world.Founders.Select(one => one.Id)]));
        world.Trace.Add("emptied", node.Name, 0, node.Folder.DiskId);
    }

    private void OperateAfter(long milliseconds) => world.Scheduler.After(milliseconds * Ms, () =>
    {
        if (Operate(Emptied!))
        {
            Emptied = null;
            world.Counts.Count(Happening.EmptiedDiskAdded);
            return;
        }
        OperateAfter(_chance.Between(200, 1_500));
    });

    private bool Operate(ConsensusProcess node)
    {
        if (node.IsRefused && !node.Folder.HasJoined)
        {
            world.Counts.Count(Happening.EmptiedDiskRefused);
            node.Crash();
            Renew(node, joins: true);
            node.Start();
        }
        return (node.Folder.HasJoined || world.Mutation.KnowsNodesByName)
            && world.Plan.Groups.Count(group => IsMended(group, node)) == world.Plan.Groups.Count;
    }

    private bool IsMended(string group, ConsensusProcess node)
    {
        if (world.LeaderOf(group) is not { } leader)
        {
            return false;
        }
        var members = leader.Of(group).Core;
        if (members.MemberOf(node.Id) is not { } member)
        {
            leader.Change(group, new ChangeMembers { Add = [node.Id] });
            return false;
        }
        if (member.DiskId != node.Folder.DiskId)
        {
            leader.Change(group, new ChangeMembers { Remove = [node.Id] });
            return false;
        }
        return member.Role == MemberRole.Voter && members.Membership.OutgoingVoters.Count == 0
            && members.MembershipIndex <= members.CommitIndex;
    }
}

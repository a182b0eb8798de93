using System.Globalization;
using Muster.Contracts;
using Muster.Contracts.Detector;

namespace Muster.Simulator;

/// <summary>
/// Runs one seed in its two phases: safety while everything goes wrong, then, healed, liveness within a
/// bound.
/// </summary>
internal static class SimulationRun
{
    private const long FirstWork = 20 * Scheduler.Second;
    private const long Bound = 40 * Scheduler.Second;
    private const long Settling = 4 * Scheduler.Second;
    private const long Slice = 100 * Scheduler.Millisecond;
    private const long LongestHealedWrite = 40 * Scheduler.Millisecond;
    private const int CyclesAfterHealing = 2;

    public static RunResult Run(
        ulong seed, long faultySeconds, Mutation? mutation = null, Action<string>? print = null)
    {
        var world = new Simulation(seed, mutation ?? Mutation.None, print);
        SimulationFailure? failure = null;
        try
        {
            foreach (var process in world.Processes)
            {
                process.Start();
            }
            world.Faults.Start();
            world.Scheduler.RunUntil(faultySeconds * Scheduler.Second);
            Recover(world);
            failure = world.Found;
        }
        catch (SimulationFailure found)
        {
            failure = world.Found ?? found;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // A core or a machine refuses to go on: its own invariant is broken.
            failure = world.Found ?? new SimulationFailure(
                Mutation.Threw(broken) ? SimulationFailure.OfMutant : "invariant", broken.ToString());
        }
        return RunResult.Of(seed, faultySeconds, world, failure);
    }

    private static void Recover(Simulation world)
    {
        world.IsHealed = true;
        world.Network.Weather = Weather.Calm;
        world.Broker.Hints = HintFaults.None;
        world.Broker.Limits = QueueLimits.Declared;
        foreach (var node in world.Nodes)
        {
            node.Settings.LongestWrite = Math.Min(node.Settings.LongestWrite, LongestHealedWrite);
        }
        world.Faults.Heal();
        world.Trace.Add("healed", "world", world.Checks.Raft.Head.Value);
        Until(world, Bound, "a leader leads, and every replica serves",
            () => world.HasLeaders && world.Replicas.All(one => one.IsServing && one.IsCaughtUp));
        Until(world, Bound, "who lost its disk votes again",
            () => world.Faults.Disks.Emptied is null);
        foreach (var client in world.Clients)
        {
            (client.Cycles, client.RegistryCycles, client.StandbyCycles) = (0, 0, 0);
        }
        Until(world, Bound, "every client gets locks and gives them back",
            () => world.Clients.All(client => client.Cycles >= CyclesAfterHealing));
        if (world.Plan.HasStandbys)
        {
            Until(world, Bound, "every client lives by the detectors' log", () => world.Clients.All(
                client => StatusOf(world, client) == NodeStatus.Alive));
            Until(world, Bound, "every standby group has a primary that writes", () => world.Clients
                .GroupBy(client => client.Settings.StandbyGroup)
                .All(group => group.Sum(client => client.StandbyCycles) >= CyclesAfterHealing));
        }
        else
        {
            Until(world, Bound, "every client reads and writes the configuration, and is registered",
                () => world.Clients.All(client =>
                    client.RegistryCycles >= CyclesAfterHealing && client.HasInstance));
        }
        StayCalm(world);
        world.Checks.Locks.CheckTold(before: world.Scheduler.Now - Settling);
        foreach (var client in world.Clients)
        {
            client.Crash();
        }
        Until(world, FirstWork, "every node and every replica has the whole log", () => HasConverged(world));
        CheckTheEnd(world);
    }

    /// <summary>
    /// Words about connections of long ago must not move a healthy group, whatever the broker is told.
    /// </summary>
    private static void StayCalm(Simulation world)
    {
        // Late words about what was true before the healing come first.
        world.Scheduler.RunUntil(world.Scheduler.Now + Settling);
        var elections = ElectionsOf(world);
        for (var round = 0; round < 10; round++)
        {
            foreach (var node in world.Nodes)
            {
                world.Broker.Announce(node.Link.Settings.Address + ".00000000");
            }
            world.Scheduler.RunUntil(world.Scheduler.Now + Slice);
        }
        if (ElectionsOf(world) != elections)
        {
            throw new SimulationFailure("liveness", "an old connection's end made a healthy group elect");
        }
    }

    private static void Until(Simulation world, long atMost, string what, Func<bool> holds)
    {
        for (var end = world.Scheduler.Now + atMost; !holds();)
        {
            if (world.Scheduler.Now >= end)
            {
                throw new SimulationFailure("liveness", string.Create(CultureInfo.InvariantCulture,
                    $"not within {atMost / Scheduler.Second} s of healing: {what}. {Standing(world)}"));
            }
            world.Scheduler.RunUntil(world.Scheduler.Now + Slice);
        }
    }

    private static int ElectionsOf(Simulation world) =>
        NodeSettings.Groups.Sum(group => world.Checks.RaftOf(group).Elections);

    /// <summary>What the detectors' log says of this life of a client; null: nothing.</summary>
    private static NodeStatus? StatusOf(Simulation world, ClientProcess client) =>
        world.Detectors[0].Machine.ReadVerdicts().Nodes.GetValueOrDefault(client.Name) is { } record
        && record.Incarnation == client.Incarnation ? record.Status : null;

    private static bool HasConverged(Simulation world) =>
        world.Plan.Groups.All(group => HasConverged(world, group))
        && world.Locks[0].Machine.Outbox.Count == 0
        && world.Locks[0].Machine.SessionCount == 0
        && world.Registries.All(registry =>
            registry.Machine.Outbox.Count == 0 && registry.Machine.NextDeadline is null)
        && world.Detectors.All(detector => detector.Machine.Outbox.Count == 0)
        && world.Recoveries.All(recovery => recovery.Machine.Outbox.Count == 0
            && recovery.Machine.PlanCount == 0)
        && (!world.Plan.HasStandbys || world.Clients.All(client => IsGivenUp(world, client)));

    /// <summary>The detectors hold it for failed, and the recovery has nobody of it any more.</summary>
    private static bool IsGivenUp(Simulation world, ClientProcess client) =>
        StatusOf(world, client) == NodeStatus.Failed
        && world.Recoveries[0].Machine.Describe(client.Settings.StandbyGroup) is { Primary: "" } group
        && group.Members.All(member => !member.IsHealthy);

    private static bool HasConverged(Simulation world, string group)
    {
        var head = world.Checks.RaftOf(group).Head;
        return world.MembersOf(group).Select(node => node.Of(group).Core)
                .All(core => core.CommitIndex == head && core.LastIndex == head)
            && world.Replicas.Where(replica => replica.Group == group)
                .All(replica => replica.Applied == head);
    }

    private static void CheckTheEnd(Simulation world)
    {
        foreach (var group in world.Plan.Groups)
        {
            CheckTheEnd(world, group);
        }
        CheckPublished(world.Checks.Events, world.Locks[0].Machine.EventsHead);
        world.Checks.LockHistory.Check();
        if (world.Plan.HasStandbys)
        {
            CheckPublished(world.Checks.DetectorEvents, world.Detectors[0].Machine.EventsHead);
            CheckPublished(world.Checks.RecoveryEvents, world.Recoveries[0].Machine.EventsHead);
            world.Checks.Recovery.CheckTheEnd(world.Recoveries[0].Machine);
        }
        else
        {
            CheckPublished(world.Checks.RegistryEvents, world.Registries[0].Machine.EventsHead);
            world.Checks.Registry.CheckHistory();
        }
    }

    private static void CheckTheEnd(Simulation world, string group)
    {
        foreach (var node in world.MembersOf(group))
        {
            world.Checks.RaftOf(group).CheckConverged(node.Of(group));
        }
        var replicas = world.Replicas.Where(replica => replica.Group == group).ToList();
        var digest = replicas[0].Digest;
        if (replicas.Find(one => one.Digest != digest) is { } other)
        {
            throw new SimulationFailure(
                "state machine safety", $"{other.Origin} ends in another state than the first replica");
        }
        world.Trace.Mix(digest);
    }

    private static void CheckPublished(EventChecks events, long head)
    {
        if (events.FirstMissing(head) is { } missing)
        {
            throw new SimulationFailure("events", $"nobody has ever published the event {missing}");
        }
    }

    private static string Standing(Simulation world)
    {
        var nodes = world.Nodes.SelectMany(node => node.Groups.Select(group => node.IsUp
            ? $"{node.Id} {group.Name} {group.Core.Role} t{group.Core.Term} "
                + $"{group.Core.CommitIndex}/{group.Core.LastIndex} "
                + TraceText.Of(group.Core.Membership)
            : $"{node.Id} down"));
        var replicas = world.Replicas.Select(one =>
            $"{one.Origin} {one.Applied} serving {one.IsServing} caught up {one.IsCaughtUp}");
        var clients = world.Clients.Select(one =>
            $"{one.Name} {one.Cycles} cycles, {one.RegistryCycles} calls, instance {one.HasInstance}, "
                + $"{one.StandbyCycles} states");
        var standbys = world.Recoveries.Take(1).SelectMany(recovery => world.Clients
            .Select(client => client.Settings.StandbyGroup).Distinct()
            .Select(name => TraceText.Of(recovery.Machine.Describe(name))));
        return string.Join(", ", [.. nodes, .. replicas, .. clients, .. standbys]);
    }
}

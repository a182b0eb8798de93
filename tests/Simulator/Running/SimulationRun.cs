using System.Globalization;
using Muster.Contracts;

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
        }
        catch (SimulationFailure found)
        {
            failure = world.Found ?? found;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // A core or a machine refuses to go on: its own invariant is broken.
            failure = new SimulationFailure("invariant", broken.ToString());
        }
        return RunResult.Of(seed, world, failure);
    }

    private static void Recover(Simulation world)
    {
        world.IsHealed = true;
        world.Network.Weather = Weather.Calm;
        world.Broker.Hints = HintFaults.None;
        world.Faults.Heal();
        world.Trace.Add("healed", "world", world.Checks.Raft.Head.Value);
        Until(world, Bound, "a leader leads, and every replica serves",
            () => world.Leader is not null && world.Replicas.All(one => one.IsServing && one.IsCaughtUp));
        Array.ForEach([.. world.Clients], client => client.Cycles = 0);
        Until(world, Bound, "every client gets locks and gives them back",
            () => world.Clients.All(client => client.Cycles >= CyclesAfterHealing));
        StayCalm(world);
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
        var elections = world.Checks.Raft.Elections;
        for (var round = 0; round < 10; round++)
        {
            foreach (var node in world.Nodes)
            {
                world.Broker.Announce(node.Link.Settings.Address + ".00000000");
            }
            world.Scheduler.RunUntil(world.Scheduler.Now + Slice);
        }
        if (world.Checks.Raft.Elections != elections)
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

    private static bool HasConverged(Simulation world)
    {
        var head = world.Checks.Raft.Head;
        return world.Nodes.All(node => node.Core.CommitIndex == head && node.Core.LastIndex == head)
            && world.Replicas.All(replica => replica.Applied == head)
            && world.Replicas[0].Machine.Outbox.Count == 0
            && world.Replicas[0].Machine.Inner.SessionCount == 0;
    }

    private static void CheckTheEnd(Simulation world)
    {
        foreach (var node in world.Nodes)
        {
            world.Checks.Raft.CheckConverged(node);
        }
        var digest = world.Replicas[0].Machine.Digest();
        if (world.Replicas.FirstOrDefault(one => one.Machine.Digest() != digest) is { } other)
        {
            throw new SimulationFailure(
                "state machine safety", $"{other.Origin} ends in another state than the first replica");
        }
        if (world.Checks.Events.FirstMissing(world.Replicas[0].Machine.Inner.EventsHead) is { } missing)
        {
            throw new SimulationFailure("events", $"nobody has ever published the event {missing}");
        }
        world.Trace.Mix(digest);
    }

    private static string Standing(Simulation world)
    {
        var nodes = world.Nodes.Select(node => node.IsUp
            ? $"{node.Id} {node.Core.Role} t{node.Core.Term} {node.Core.CommitIndex}/{node.Core.LastIndex}"
            : $"{node.Id} down");
        var replicas = world.Replicas.Select(one =>
            $"{one.Origin} {one.Applied} serving {one.IsServing} caught up {one.IsCaughtUp}");
        var clients = world.Clients.Select(one => $"{one.Name} {one.Cycles} cycles");
        return string.Join(", ", [.. nodes, .. replicas, .. clients]);
    }
}

using System.Globalization;

namespace Muster.Simulator;

/// <summary>What became of one seed.</summary>
internal sealed record RunResult
{
    public required ulong Seed { get; init; }

    public required long FaultySeconds { get; init; }

    /// <summary>Its name.</summary>
    public required string Mutation { get; init; }

    /// <summary>Of the whole trace; the same whenever and wherever the seed is run.</summary>
    public required ulong Hash { get; init; }

    public SimulationFailure? Failure { get; init; }

    public required IReadOnlyList<string> LastEvents { get; init; }

    public required long SimulatedMicroseconds { get; init; }

    public required RunNumbers Numbers { get; init; }

    public required HappeningCounts Counts { get; init; }

    public static RunResult Of(
        ulong seed, long faultySeconds, Simulation world, SimulationFailure? failure) => new()
    {
        Seed = seed,
        FaultySeconds = faultySeconds,
        Mutation = world.Mutation.Name,
        Hash = world.Trace.Hash,
        Failure = failure,
        LastEvents = failure is null ? [] : [.. world.Trace.Newest],
        SimulatedMicroseconds = world.Scheduler.Now,
        Counts = world.Counts,
        Numbers = new RunNumbers
        {
            Events = world.Scheduler.Events,
            Entries = world.Checks.Raft.Head.Value,
            Elections = world.Checks.Raft.Elections,
            Memberships = NodeSettings.Groups.Sum(group => world.Checks.RaftOf(group).Memberships),
            Grants = world.Checks.Locks.Counts.Grants,
            Shared = world.Checks.Locks.Counts.Shared,
            Upgrades = world.Checks.Locks.Counts.Upgrades,
            Permits = world.Checks.Locks.Counts.Permits,
            Several = world.Checks.Locks.Counts.Several,
            Expiries = world.Checks.Locks.Sessions.Expiries,
            Crashes = world.Checks.Locks.Sessions.Crashes,
            FalseCrashes = world.Checks.Locks.Sessions.FalseCrashes,
            Breaks = world.Checks.Locks.Counts.Breaks,
            Fenced = world.Checks.History.Fenced,
            Cancels = world.Checks.Locks.Counts.Cancels,
            Answers = world.Checks.History.Answers,
            Descriptions = world.Checks.History.Descriptions,
            Uses = world.Checks.History.Uses,
            Writes = world.Checks.Registry.Writes,
            Calls = world.Checks.Registry.Calls,
            Registrations = world.Checks.Registry.Registrations,
            Resolved = world.Checks.Registry.Services.Resolved,
            LeaseExpiries = world.Checks.Registry.Expiries,
            Verdicts = world.Checks.Detectors.Failures,
            NodesRestored = world.Checks.Detectors.Restorations,
            Promotions = world.Checks.Recovery.Promotions,
            Recoveries = world.Checks.Recovery.Recoveries,
            StateWrites = world.Checks.Recovery.Writes,
            Faults = world.Faults.Injected,
            Undecided = world.Undecided,
        },
    };

    public string Line => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed,-8} {Hash:x16} {SimulatedMicroseconds / 1e6,6:F1} s  {Numbers}");

    /// <summary>All that is needed to see what went wrong.</summary>
    public string Report => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed} with the trace {Hash:x16} violates {Failure?.Property} "
        + $"after {SimulatedMicroseconds / 1e6:F3} s: {Failure?.What}\n"
        + $"last events:\n  {string.Join("\n  ", LastEvents)}\n"
        + $"again: dotnet run -c Release --project tests/Simulator -- run --seed {Seed} "
        + $"--faulty {FaultySeconds} --mutation {Mutation} --trace");
}

/// <summary>How much happened: a run that does nothing proves nothing.</summary>
internal sealed record RunNumbers
{
    public long Events { get; init; }

    public long Entries { get; init; }

    public int Elections { get; init; }

    /// <summary>Changes of the members that were committed.</summary>
    public int Memberships { get; init; }

    public int Grants { get; init; }

    /// <summary>Of the grants; so are the three that follow.</summary>
    public int Shared { get; init; }

    public int Upgrades { get; init; }

    public int Permits { get; init; }

    public int Several { get; init; }

    public int Expiries { get; init; }

    /// <summary>Sessions that a verdict ended, and those of them whose process counted on them.</summary>
    public int Crashes { get; init; }

    public int FalseCrashes { get; init; }

    public int Breaks { get; init; }

    /// <summary>Uses of a lock that was taken away that only the fence kept out.</summary>
    public int Fenced { get; init; }

    public int Cancels { get; init; }

    public int Answers { get; init; }

    public int Descriptions { get; init; }

    public int Uses { get; init; }

    public int Writes { get; init; }

    public int Calls { get; init; }

    public int Registrations { get; init; }

    public int LeaseExpiries { get; init; }

    public int Resolved { get; init; }

    /// <summary>Nodes that were given up; 0 in a run without detectors, as what follows.</summary>
    public int Verdicts { get; init; }

    public int NodesRestored { get; init; }

    public int Promotions { get; init; }

    /// <summary>Promotions in the place of a failed primary that were confirmed.</summary>
    public int Recoveries { get; init; }

    public int StateWrites { get; init; }

    public int Faults { get; init; }

    /// <summary>Histories that were too hard to decide in the time: they refute nothing.</summary>
    public int Undecided { get; init; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Entries} entries, {Elections} elections, {Memberships} memberships, "
        + $"{Grants} grants ({Shared} shared, {Upgrades} upgrades, {Permits} permits, {Several} several), "
        + $"{Expiries} expiries, {Crashes} crash releases ({FalseCrashes} false), {Breaks} breaks, "
        + $"{Fenced} fenced, {Cancels} cancels, {Answers} answers, {Descriptions} reads, {Uses} uses, "
        + $"{Calls} config calls, "
        + $"{Writes} config writes, {Registrations} registrations, {LeaseExpiries} lease expiries, "
        + $"{Resolved} resolved, {Verdicts} verdicts, {NodesRestored} nodes restored, "
        + $"{Promotions} promotions, {Recoveries} recoveries, {StateWrites} state writes, "
        + $"{Faults} faults, {Events} events, {Undecided} undecided");
}

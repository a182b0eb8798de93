using Muster.Consensus.Core;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>
/// What a seed's run is: its size, its options and how badly it is treated. Each seed draws all of it anew
/// and leaves some faults out altogether, so that rare ones are not hidden behind frequent ones (swarm
/// testing).
/// </summary>
internal sealed record FaultPlan
{
    // The client's margin is TTL/50: between its clock and the leader's it allows for 2 %, less what rounding
    // takes.
    private const long WorstClock = 8_000;

    private const long UsualHeartbeat = 500;

    private static readonly int[] UnusualNodes = [1, 2, 4, 6];

    public required int Nodes { get; init; }

    /// <summary>Nodes that are no members at first.</summary>
    public required int Newcomers { get; init; }

    public required int Replicas { get; init; }

    public required IReadOnlyList<ClientSettings> Clients { get; init; }

    public required RaftOptions Raft { get; init; }

    public required Weather Weather { get; init; }

    public required HintFaults Hints { get; init; }

    public required QueueLimits Queues { get; init; }

    public required FaultRates Rates { get; init; }

    public required long SnapshotEvery { get; init; }

    public required long CommandTimeout { get; init; }

    public required long BatchTtl { get; init; }

    public required long LongestWrite { get; init; }

    public required int Names { get; init; }

    public required LockMix Locks { get; init; }

    public required long LongestThought { get; init; }

    public required long LongestWork { get; init; }

    public required long ClockError { get; init; }

    /// <summary>
    /// How long ids without a sequence are remembered: longer than any copy of a command can be under way,
    /// from the client's first sending to the last proposal of it.
    /// </summary>
    public long CommandWindow =>
        Clients.Max(client => client.CallTimeout) + (BatchTtl / Scheduler.Millisecond)
        + CommandTimeout + 4_000 + (2 * Weather.MaxDelay / Scheduler.Millisecond);

    /// <summary>
    /// The detectors, and the recovery service with standby groups of the clients, in the registry's place:
    /// all at once would take a run twice as long.
    /// </summary>
    public bool HasStandbys { get; private init; }

    public IReadOnlyList<string> Groups => HasStandbys
        ? [NodeSettings.Lock, NodeSettings.Detector, NodeSettings.Recovery]
        : [NodeSettings.Lock, NodeSettings.Registry];

    /// <summary>Whose failure is to be found must beat.</summary>
    public FaultPlan WithStandbys() => this with
    {
        HasStandbys = true,
        Clients =
        [
            .. Clients.Select(client => client.HeartbeatInterval > 0
                ? client
                : client with { HeartbeatInterval = UsualHeartbeat }),
        ],
    };

    /// <summary>
    /// A mutant's run has no standbys of its own accord and nothing extreme, in which its fault would drown.
    /// </summary>
    public static FaultPlan Draw(Chance chance, bool isMutated)
    {
        var plan = DrawMost(chance);
        if (chance.OfThousand(300) && !isMutated)
        {
            plan = plan.WithStandbys();
        }
        return isMutated ? plan : plan.WithExtremes(chance.Split("extremes"));
    }

    /// <summary>Most runs stay moderate; half have one thing or two that are far worse.</summary>
    private FaultPlan WithExtremes(Chance chance)
    {
        var weather = Weather;
        if (IsDrawn()) weather = weather with { Loss = (int)chance.Between(120, 300) };
        if (IsDrawn()) weather = weather with { Duplicates = (int)chance.Between(100, 500) };
        if (IsDrawn())
        {
            var lowest = chance.Between(1_000, 30_000);
            weather = weather with
            {
                MinDelay = lowest,
                MaxDelay = lowest + chance.Between(15_000, 100_000),
            };
        }
        var write = IsDrawn() ? chance.Between(40, 300) * Scheduler.Millisecond : LongestWrite;
        var nodes = IsDrawn() ? chance.Pick(UnusualNodes) : Nodes;
        return this with
        {
            Weather = weather,
            LongestWrite = write,
            Nodes = nodes,
            // As with two voters that are left: nobody could repair it. And whoever founds a cluster of one
            // node alone, a second time, has another log.
            Rates = Rates with
            {
                DamageAtStart = nodes < 3 ? 0 : Rates.DamageAtStart,
                EmptyDisk = nodes < 3 ? 0 : Rates.EmptyDisk,
                SecondProcess = nodes < 2 ? 0 : Rates.SecondProcess,
            },
        };

        bool IsDrawn() => chance.OfThousand(130);
    }

    private static FaultPlan DrawMost(Chance chance)
    {
        var election = chance.Between(300, 700);
        var parts = chance.Split("snapshot parts");
        return new FaultPlan
        {
            Nodes = chance.OfThousand(700) ? 3 : 5,
            Replicas = (int)chance.Between(2, 3),
            Clients = [.. DrawClients(chance, (int)chance.Between(2, 5))],
            Raft = new RaftOptions
            {
                HeartbeatMilliseconds = chance.Between(50, 120),
                ElectionMinMilliseconds = election,
                ElectionMaxMilliseconds = election * 2,
                TrailingEntries = chance.Below(60),
                MaxInflightAppends = (int)chance.Between(1, 16),
                MaxAppendBytes = (int)chance.Between(300, 40_000),
                MaxSnapshotPartBytes = parts.OfThousand(500)
                    ? (int)parts.Between(100, 4_000)
                    : InstallSnapshot.LargestDataBytes,
                MaxLogEntries = chance.OfThousand(250) ? chance.Between(120, 500) : 1_000_000,
            },
            Weather = DrawWeather(chance),
            Hints = new HintFaults
            {
                AreOn = chance.OfThousand(750),
                Lost = Sometimes(chance, 500),
                Late = Sometimes(chance, 500),
                Lateness = chance.Between(10, 3_000) * Scheduler.Millisecond,
            },
            Queues = QueueLimits.Draw(chance.Split("queues")),
            Rates = FaultRates.Draw(chance),
            SnapshotEvery = chance.OfThousand(800) ? chance.Between(20, 300) : 0,
            CommandTimeout = chance.Between(2_000, 6_000),
            BatchTtl = chance.Between(1_000, 6_000) * Scheduler.Millisecond,
            LongestWrite = chance.Between(1, 40) * Scheduler.Millisecond,
            Names = (int)chance.Between(1, 4),
            Locks = LockMix.Draw(chance.Split("locks")),
            LongestThought = chance.Between(20, 800),
            LongestWork = chance.Between(5, 1_500),
            ClockError = chance.OfThousand(500) ? chance.Below(WorstClock) : 0,
            Newcomers = chance.OfThousand(500) ? (int)chance.Between(1, 2) : 0,
        };
    }

    private static IEnumerable<ClientSettings> DrawClients(Chance chance, int count)
    {
        var ofLocks = chance.Split("lock clients");
        for (var number = 0; number < count; number++)
        {
            var ttl = chance.Between(1_000, 5_000);
            yield return new ClientSettings
            {
                SessionTtl = ttl,
                CallTimeout = chance.Between(1_000, 5_000),
                HeartbeatInterval = chance.OfThousand(300) ? 0 : chance.Between(200, 1_000),
                Users = (int)chance.Between(1, 4),
                LockDelay = ofLocks.OfThousand(500) ? 0 : ofLocks.Between(50, 1_500),
                CrashRelease = ofLocks.OfThousand(600),
                HearsEvents = ofLocks.OfThousand(500),
                WithoutSequences = chance.OfThousand(350),
                StandbyGroup = count < 4 || number % 2 == 0 ? "standby-0" : "standby-1",
            };
        }
    }

    private static Weather DrawWeather(Chance chance)
    {
        var lowest = chance.Between(50, 1_000);
        return new Weather
        {
            MinDelay = lowest,
            MaxDelay = lowest + chance.Between(100, 15_000),
            Loss = Sometimes(chance, 120),
            Duplicates = Sometimes(chance, 100),
            Spikes = Sometimes(chance, 40),
            SpikeDelay = chance.Between(10, 2_000) * Scheduler.Millisecond,
            Reorders = chance.OfThousand(500),
        };
    }

    private static int Sometimes(Chance chance, long most) =>
        chance.OfThousand(500) ? (int)chance.Below(most) : 0;
}

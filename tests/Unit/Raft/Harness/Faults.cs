namespace Muster.Unit.Tests.Raft.Harness;

/// <summary>How badly a run is treated; drawn per seed, so that every run has its own mix.</summary>
internal sealed record Faults
{
    public static Faults None => new() { MaxDelay = 1, MaxWrite = 1 };

    /// <summary>Of a thousand messages.</summary>
    public int Loss { get; init; }

    public int Duplicates { get; init; }

    /// <summary>Messages take 1 ms to so many; with more than one they overtake each other.</summary>
    public int MaxDelay { get; init; }

    /// <summary>A node's write takes up to so many milliseconds, in which it does nothing else.</summary>
    public int MaxWrite { get; init; }

    /// <summary>Of a thousand milliseconds, how many see such an event.</summary>
    public int Crashes { get; init; }

    public int Partitions { get; init; }

    public int FalseHints { get; init; }

    public int Snapshots { get; init; }

    public int Pauses { get; init; }

    public int Transfers { get; init; }

    /// <summary>Of a thousand starts after a crash, those that find the log damaged.</summary>
    public int Damages { get; init; }

    public int Changes { get; init; }

    public static Faults Draw(Random random) => new()
    {
        Loss = random.Next(3) * random.Next(120),
        Duplicates = random.Next(2) * random.Next(200),
        MaxDelay = 1 + (random.Next(3) * random.Next(40)),
        MaxWrite = 1 + random.Next(20),
        Crashes = random.Next(6),
        Partitions = random.Next(6),
        FalseHints = random.Next(4),
        Snapshots = random.Next(20),
        Pauses = random.Next(3),
        Transfers = random.Next(3),
        Changes = random.Next(2) * random.Next(20),
        Damages = random.Next(2) * random.Next(500),
    };
}

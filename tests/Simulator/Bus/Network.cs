namespace Muster.Simulator;

/// <summary>How messages fare; drawn per seed, and perfect once a run is healed.</summary>
internal sealed record Weather
{
    public static Weather Calm { get; } = new() { MinDelay = 100, MaxDelay = 400 };

    public long MinDelay { get; init; }

    public long MaxDelay { get; init; }

    /// <summary>Of a thousand messages.</summary>
    public int Loss { get; init; }

    public int Duplicates { get; init; }

    /// <summary>Of a thousand, those that take up to <see cref="SpikeDelay"/> longer.</summary>
    public int Spikes { get; init; }

    public long SpikeDelay { get; init; }

    /// <summary>Messages of one sender may overtake each other.</summary>
    public bool Reorders { get; init; }
}

/// <summary>The paths between the processes and the broker, and who does not reach whom.</summary>
internal sealed class Network(Scheduler scheduler, Chance chance, HappeningCounts counts)
{
    private readonly Dictionary<string, Cut> _cuts = new(StringComparer.Ordinal);
    private readonly HashSet<(string From, string To)> _blocked = [];

    public Weather Weather { get; set; } = Weather.Calm;

    public bool CanSend(string process) => !_cuts.TryGetValue(process, out var cut) || !cut.Outbound;

    public bool CanReceive(string process) => !_cuts.TryGetValue(process, out var cut) || !cut.Inbound;

    /// <summary>What a cut process sends waits in its socket, or is gone.</summary>
    public bool Holds(string process) => _cuts.TryGetValue(process, out var cut) && cut.Holds;

    public bool Connects(string from, string to) => !_blocked.Contains((from, to));

    public void Set(string process, Cut cut) => _cuts[process] = cut;

    public void Mend(string process) => _cuts.Remove(process);

    public void Block(string from, string to) => _blocked.Add((from, to));

    public void Unblock(string from, string to) => _blocked.Remove((from, to));

    /// <summary>0: lost; 2: one of them comes twice.</summary>
    public int Copies()
    {
        if (chance.OfThousand(Weather.Loss))
        {
            counts.Count(Happening.MessageLost);
            return 0;
        }
        if (!chance.OfThousand(Weather.Duplicates))
        {
            return 1;
        }
        counts.Count(Happening.MessageDoubled);
        return 2;
    }

    /// <summary>When what leaves now is there.</summary>
    public long Arrival(Lane lane)
    {
        var at = scheduler.Now + chance.Between(Weather.MinDelay, Weather.MaxDelay);
        if (chance.OfThousand(Weather.Spikes))
        {
            at += chance.Below(Weather.SpikeDelay);
            counts.Count(Happening.MessageLate);
        }
        if (!Weather.Reorders)
        {
            at = Math.Max(at, lane.LastArrival);
        }
        else if (at < lane.LastArrival)
        {
            counts.Count(Happening.MessageOvertaken);
        }
        lane.LastArrival = Math.Max(lane.LastArrival, at);
        return at;
    }

    public long Delay() => chance.Between(Weather.MinDelay, Weather.MaxDelay);

    /// <summary>
    /// One direction of one connection: its order is kept unless the weather says otherwise.
    /// </summary>
    internal sealed class Lane
    {
        public long LastArrival { get; set; }
    }
}

/// <summary>Which directions of a process's path are cut.</summary>
internal readonly record struct Cut(bool Outbound, bool Inbound, bool Holds);

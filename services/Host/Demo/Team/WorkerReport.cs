using Muster.Contracts;

namespace Muster.Host.Demo.Team;

/// <summary>
/// What a worker did, in the order in which it did it; worker processes write one a line on standard output.
/// </summary>
public enum WorkerAct
{
    /// <summary>Is there and about to register.</summary>
    Started,

    /// <summary>The registry shows it the whole team.</summary>
    Met,

    /// <summary>Won the election and hands out the work.</summary>
    Leads,

    /// <summary>Leads no more.</summary>
    Deposed,

    /// <summary>The configuration gave it another rate.</summary>
    Paced,

    /// <summary>Holds an item's lock.</summary>
    Holding,

    /// <summary>Holds an item's lock and works on it long enough to be killed or paused.</summary>
    Dawdling,

    /// <summary>Wrote the item's result.</summary>
    Done,

    /// <summary>Its write was refused: a newer token had been shown.</summary>
    Refused,

    /// <summary>Every item has its result.</summary>
    Finished,
}

/// <summary>One act of one worker.</summary>
public sealed record WorkerReport(string Worker, WorkerAct Act, string Item, FencingToken Token);

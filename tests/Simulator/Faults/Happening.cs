using System.Globalization;

namespace Muster.Simulator;

/// <summary>What a run may meet, and what comes of it: a kind that never happens is not tested.</summary>
internal enum Happening
{
    NodeCrash,
    CrashAtWrite,
    UnsyncedWriteLost,
    UnsyncedWriteKept,
    ReplicaCrash,
    ClientCrash,
    Damage,

    /// <summary>How far the log went, or what has to be repaired, cannot be read any more.</summary>
    TailDamage,

    /// <summary>For whom the node voted cannot be read any more: it stays away for good.</summary>
    VoteDamage,
    DamageRepaired,

    /// <summary>A voter's disk is lost; the node starts with an empty one.</summary>
    DiskEmptied,

    /// <summary>It was started as a founder, and the others told it that they know another disk.</summary>
    EmptiedDiskRefused,

    /// <summary>It is a voter of every group again, by its new disk.</summary>
    EmptiedDiskAdded,

    /// <summary>Two processes go by one node's name.</summary>
    SecondProcess,
    SecondProcessRefused,
    DiskFull,
    Pause,
    Suspension,
    WallShift,

    /// <summary>A run whose clocks go at rates of their own.</summary>
    ClockRates,
    MessageLost,
    MessageDoubled,
    MessageLate,
    MessageOvertaken,
    CutOutward,
    CutInward,
    CutBothWays,
    PartialCutOneWay,
    PartialCutBothWays,
    Stall,

    /// <summary>A message that comes out of a stall, with all others that it held up.</summary>
    StalledMessage,
    BrokerRestart,
    ConnectionLoss,
    FalseHint,
    HintLost,
    HintLate,
    HintHeard,

    /// <summary>
    /// A follower means to stand, earlier than it would, as it is told that its leader's connection is gone.
    /// </summary>
    HintObeyed,
    InboxExpiry,

    /// <summary>The oldest of a full inbox gives way.</summary>
    InboxOverflow,
    WorkExpiry,
    WorkOverflow,
    Redelivery,

    /// <summary>A follower takes its leader's snapshot for what it has not.</summary>
    SnapshotInstalled,
    LogCompacted,

    /// <summary>A part of a snapshot that is not its first.</summary>
    SnapshotPart,
    ReplicaRestored,

    /// <summary>A leader tells another node to stand at once.</summary>
    Transfer,
}

/// <summary>How often each of it happened.</summary>
internal sealed class HappeningCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<Happening>().Length];

    public void Count(Happening what, long times = 1) => _counts[(int)what] += times;

    public long Of(Happening what) => _counts[(int)what];

    public void Add(HappeningCounts others)
    {
        foreach (var what in Enum.GetValues<Happening>())
        {
            Count(what, others.Of(what));
        }
    }

    public override string ToString() => string.Join(", ", Enum.GetValues<Happening>()
        .Select(what => string.Create(CultureInfo.InvariantCulture, $"{what} {Of(what)}")));
}

namespace Muster.Simulator;

/// <summary>
/// The mean time between two faults of a kind, in milliseconds; 0: that kind is left out of this run.
/// </summary>
internal sealed record FaultRates
{
    public long NodeCrash { get; init; }

    /// <summary>
    /// Of a thousand writes of a node, those after which it dies on the spot and starts again.
    /// </summary>
    public int CrashAfterWrite { get; init; }

    /// <summary>Of a thousand starts of a node after a crash, those that find its log damaged.</summary>
    public int DamageAtStart { get; init; }

    public long ReplicaCrash { get; init; }

    public long ClientCrash { get; init; }

    public long Pause { get; init; }

    public long Cut { get; init; }

    public long PartialCut { get; init; }

    public long Stall { get; init; }

    public long BrokerRestart { get; init; }

    public long ConnectionLoss { get; init; }

    public long FalseHint { get; init; }

    public long DiskFull { get; init; }

    public long WallShift { get; init; }

    public long Transfer { get; init; }

    /// <summary>An operator adds, promotes and removes nodes.</summary>
    public long MemberChange { get; init; }

    /// <summary>A voter's disk is emptied, and an operator brings the node back.</summary>
    public long EmptyDisk { get; init; }

    /// <summary>Another process goes by a node's name for a time.</summary>
    public long SecondProcess { get; init; }

    /// <summary>A client is said to have crashed, whatever it does.</summary>
    public long FalseVerdict { get; init; }

    /// <summary>An operator breaks a lock.</summary>
    public long Break { get; init; }

    public static FaultRates Draw(Chance chance)
    {
        var ofLocks = chance.Split("lock rates");
        var rates = DrawMost(chance) with
        {
            FalseVerdict = Sometimes(ofLocks, 1_500, 10_000),
            Break = Sometimes(ofLocks, 1_000, 8_000),
        };
        var memberChange = Sometimes(chance, 600, 5_000);

        // Of two voters that are left, one whose disk is damaged cannot be repaired: nobody can lead. And an
        // operator who removes and adds at random does not bring back who has lost a disk.
        var ofDisks = chance.Split("disk rates");
        return memberChange == 0
            ? rates with
            {
                EmptyDisk = Sometimes(ofDisks, 2_000, 15_000),
                SecondProcess = Sometimes(ofDisks, 2_000, 15_000),
            }
            : rates with { MemberChange = memberChange, DamageAtStart = 0 };
    }

    private static FaultRates DrawMost(Chance chance) => new()
    {
        NodeCrash = Sometimes(chance, 700, 6_000),
        CrashAfterWrite = (int)Sometimes(chance, 1, 40),
        ReplicaCrash = Sometimes(chance, 1_500, 9_000),
        ClientCrash = Sometimes(chance, 4_000, 15_000),
        Pause = Sometimes(chance, 700, 6_000),
        Cut = Sometimes(chance, 1_000, 8_000),
        PartialCut = Sometimes(chance, 1_000, 8_000),
        Stall = Sometimes(chance, 3_000, 12_000),
        BrokerRestart = Sometimes(chance, 5_000, 20_000),
        ConnectionLoss = Sometimes(chance, 1_000, 8_000),
        FalseHint = Sometimes(chance, 300, 4_000),
        DiskFull = Sometimes(chance, 4_000, 15_000),
        WallShift = Sometimes(chance, 1_000, 8_000),
        Transfer = Sometimes(chance, 500, 6_000),
        DamageAtStart = (int)Sometimes(chance, 10, 300),
    };

    private static long Sometimes(Chance chance, long least, long most) =>
        chance.OfThousand(500) ? chance.Between(least, most) : 0;
}

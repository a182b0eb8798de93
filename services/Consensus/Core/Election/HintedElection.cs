namespace Muster.Consensus.Core;

/// <summary>
/// The broker's word that the leader's connection is gone. It makes this node grant pre-votes at once, and
/// stand itself when its own connection outlives the hint; it decides nothing, so a false one costs at most
/// one election.
/// </summary>
internal sealed class HintedElection(RaftOptions options, SplitMix64 random)
{
    private bool connectionIsUp = true;
    private bool active;
    private long seenAt;
    private long standAt = long.MaxValue;

    /// <summary>When the node has to look at the hint again.</summary>
    public long Deadline => active ? standAt : long.MaxValue;

    /// <summary>
    /// Whether the node forgets that it heard its leader: for one election, so for one timeout at most.
    /// </summary>
    public bool LiftsRefusal(long now) => active && now - seenAt < options.ElectionMaxMilliseconds;

    public bool IsDue(long now) => active && now >= standAt;

    /// <summary>
    /// A connection is gone. Only the one that the current leader spoke through last matters.
    /// </summary>
    public void Observe(string lost, string leaderIncarnation, long now)
    {
        if (!connectionIsUp || LiftsRefusal(now) || leaderIncarnation.Length == 0) return;
        if (!string.Equals(lost, leaderIncarnation, StringComparison.Ordinal)) return;
        active = true;
        seenAt = now;
        standAt = now + options.HintSettleMilliseconds + random.UpTo(options.HintSettleMilliseconds);
    }

    /// <summary>
    /// The node stands now: once per hint. Granting others goes on until a leader is heard.
    /// </summary>
    public void Stood() => standAt = long.MaxValue;

    /// <summary>
    /// The leader speaks. Through a new connection, it lives. Through the lost one, its message may have been
    /// under way when the connection closed: that says nothing during the first half of the settling time,
    /// and later it says that the hint was false.
    /// </summary>
    public void LeaderHeard(bool sameIncarnation, long now)
    {
        if (!sameIncarnation || now - seenAt > options.HintSettleMilliseconds / 2) Cancel();
    }

    public void Cancel()
    {
        active = false;
        standAt = long.MaxValue;
    }

    /// <summary>
    /// A broker that stops closes everybody's connection: then the hint was about the broker.
    /// </summary>
    public void OwnConnectionChanged(bool isUp)
    {
        connectionIsUp = isUp;
        Cancel();
    }
}

namespace Muster.Consensus.Core;

/// <summary>The randomized election timeout (section 5.2).</summary>
internal sealed class ElectionTimer(RaftOptions options, SplitMix64 random)
{
    public long Deadline { get; private set; }

    public bool IsExpired(long now) => now >= Deadline;

    public void Reset(long now) =>
        Deadline = now + options.ElectionMinMilliseconds
            + random.UpTo(options.ElectionMaxMilliseconds - options.ElectionMinMilliseconds);

    /// <summary>Nobody else can lead: there is nothing to wait for.</summary>
    public void ExpireAt(long now) => Deadline = now;
}

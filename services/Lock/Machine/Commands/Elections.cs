using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// An election is a lock under a reserved name: who holds it leads, who waits is a candidate. Only the
/// leader's value and the event of its change are more than a lock has.
/// </summary>
internal static class Elections
{
    private const string LockPrefix = LockValidation.ReservedPrefix + "election:";

    public static string LockOf(string election) => LockPrefix + election;

    public static AcquireLock AcquireOf(Campaign campaign) => new()
    {
        CommandId = campaign.CommandId,
        SessionId = campaign.SessionId,
        Sequence = campaign.Sequence,
        AnsweredBelow = campaign.AnsweredBelow,
        Name = LockOf(campaign.Election),
        WaitMilliseconds = campaign.WaitMilliseconds,
        ReplyTo = campaign.ReplyTo,
    };

    public static ReleaseLock ReleaseOf(Resign resign) => new()
    {
        CommandId = resign.CommandId,
        SessionId = resign.SessionId,
        Sequence = resign.Sequence,
        AnsweredBelow = resign.AnsweredBelow,
        Name = LockOf(resign.Election),
        AcquireId = resign.CampaignId,
        FencingToken = resign.FencingToken,
        ReplyTo = resign.ReplyTo,
    };

    public static ElectionLeader LeaderOf(Acquire holder) => new()
    {
        SessionId = holder.Session.Id,
        Owner = holder.Session.Owner,
        CampaignId = holder.Id,
        Value = holder.Value ?? "",
        FencingToken = holder.Token,
    };

    /// <summary>
    /// A lock has another holder, or none: an event if it is an election's. Comes once the lock itself has
    /// told of its release and of its next grant, so a hand-over is one change.
    /// </summary>
    public static void Announce(Step step, string lockName, Acquire? leader)
    {
        if (!lockName.StartsWith(LockPrefix, StringComparison.Ordinal))
        {
            return;
        }
        var id = step.NextEvent();
        step.Publish(id, new LockEvent
        {
            LeaderChanged = new()
            {
                Election = lockName[LockPrefix.Length..],
                Leader = leader is null ? null : LeaderOf(leader),
                Event = id,
            },
        });
    }
}

using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// An election is a lock under a reserved name: who holds it leads, who waits is a candidate. Only the
/// leader's value, which it may replace, and the event of a change are more than a lock has.
/// </summary>
internal static class Elections
{
    public static AcquireLock AcquireOf(Campaign campaign) => new()
    {
        CommandId = campaign.CommandId,
        SessionId = campaign.SessionId,
        Sequence = campaign.Sequence,
        AnsweredBelow = campaign.AnsweredBelow,
        Name = LockGroups.LockOfElection(campaign.Election),
        WaitMilliseconds = campaign.WaitMilliseconds,
        ReplyTo = campaign.ReplyTo,
    };

    public static ReleaseLock ReleaseOf(Resign resign) => new()
    {
        CommandId = resign.CommandId,
        SessionId = resign.SessionId,
        Sequence = resign.Sequence,
        AnsweredBelow = resign.AnsweredBelow,
        Name = LockGroups.LockOfElection(resign.Election),
        AcquireId = resign.CampaignId,
        FencingToken = resign.FencingToken,
        ReplyTo = resign.ReplyTo,
    };

    public static LockReply Proclaim(Step step, CommandHead head, Proclaim command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return ExactlyOnce.RunInSession(step, head, session => ProclaimNew(step, session, command));
    }

    public static ElectionLeader LeaderOf(Acquire holder) => new()
    {
        SessionId = holder.Session.Id,
        Owner = holder.Session.Owner,
        CampaignId = holder.Id,
        Value = holder.Claim.Value ?? "",
        FencingToken = holder.Token,
    };

    /// <summary>
    /// Whoever was granted an election's lock leads: an event. It comes after the lock's own events, so that
    /// a hand-over is one change.
    /// </summary>
    public static void AnnounceLeader(Step step, Acquire leader) =>
        Announce(step, leader.Claim.Name, LeaderOf(leader));

    /// <summary>The holder left, and nobody was granted: an event if the lock was an election's.</summary>
    public static void AnnounceVacancy(Step step, Acquire last)
    {
        if (step.State.Locks.Find(last.Claim.Name) is not { Holders.Count: > 0 })
        {
            Announce(step, last.Claim.Name, leader: null);
        }
    }

    /// <summary>
    /// Also a value that it has already is an event: its place tells the leader which of several counts.
    /// </summary>
    private static LockReply ProclaimNew(Step step, Session session, Proclaim command)
    {
        var name = LockGroups.LockOfElection(command.Election);
        if ((ReleaseCommands.CheckHolder(step, session, name, command.CampaignId, command.FencingToken)
            ?? step.CheckOutbox()) is { } refusal)
        {
            return step.Refuse(command.CommandId, refusal);
        }
        var leader = session.Acquires[command.CampaignId];
        leader.Claim = leader.Claim with { Value = command.Value };
        var id = step.NextEvent();
        AnnounceLeader(step, leader);
        return new()
        {
            ValueProclaimed = new()
            {
                CommandId = command.CommandId,
                SessionId = session.Id,
                Election = command.Election,
                CampaignId = leader.Id,
                FencingToken = leader.Token,
                Event = id,
                Freshness = step.State.Freshness,
            },
        };
    }

    private static void Announce(Step step, string lockName, ElectionLeader? leader)
    {
        if (LockGroups.ElectionOfLock(lockName) is not { } election)
        {
            return;
        }
        var id = step.NextEvent();
        step.Publish(id, new LockEvent
        {
            LeaderChanged = new()
            {
                Election = election,
                Leader = leader,
                Event = id,
            },
        });
    }
}

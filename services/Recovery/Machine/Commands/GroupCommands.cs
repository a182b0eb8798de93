using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>Policies, and members that come and go.</summary>
internal static class GroupCommands
{
    public static RecoveryReply RegisterPolicy(Step step, CommandHead head, RegisterPolicy register)
    {
        if (RecoveryValidation.Check(register) is { } wrong)
        {
            return step.Refuse(register.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () =>
        {
            if (CheckRoom(step, register.Group) is { } full)
            {
                return step.Refuse(register.CommandId, full);
            }
            var group = FindOrAdd(step, register.Group);
            group.Policy = new(register.Lock, register.VerifyMilliseconds, register.IsAutomatic);
            // Its primary may have failed before anybody said what to do then.
            if (group.HasPrimary && group.Members[group.Primary] is { IsHealthy: false } primary)
            {
                Plans.PrimaryFailed(step, group, primary.Identity);
            }
            Promotions.FillVacancy(step, group);
            return step.Accept(register.CommandId, group.Name);
        });
    }

    /// <summary>
    /// A known process reports its version: that repeats itself all the time, does no harm twice, and is not
    /// kept. Another process joins once.
    /// </summary>
    public static RecoveryReply RegisterStandby(Step step, CommandHead head, RegisterStandby register)
    {
        if (RecoveryValidation.Check(register) is { } wrong)
        {
            return step.Refuse(register.CommandId, wrong);
        }
        var group = step.State.Groups.Find(register.Group);
        var member = group?.Members.GetValueOrDefault(register.Member);
        var identity = IdentityOf(register, member);
        if (group is not null && member?.Identity == identity)
        {
            member.StateVersion = Math.Max(member.StateVersion, register.StateVersion);
            Promotions.FillVacancy(step, group);
            return step.Accept(register.CommandId, group.Name);
        }
        return ExactlyOnce.Run(step, head, () => Join(step, register, identity));
    }

    public static RecoveryReply Withdraw(Step step, CommandHead head, WithdrawStandby withdraw)
    {
        if (RecoveryValidation.Check(withdraw) is { } wrong)
        {
            return step.Refuse(withdraw.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () => Leave(step, withdraw));
    }

    public static Refusal NoGroup(string name) =>
        new(RecoveryRefusal.GroupUnknown, $"There is no standby group {name}.");

    private static Identity IdentityOf(RegisterStandby register, Member? member)
    {
        // Who names no session says nothing about it: the one that the same process named before counts.
        var session = register.SessionId.Length == 0
            && member?.Identity is { } known
            && known.Node == register.Node && known.Incarnation == register.Incarnation
                ? known.SessionId
                : register.SessionId;
        return new(register.Node, register.Incarnation, session);
    }

    private static RecoveryReply Join(Step step, RegisterStandby register, Identity identity)
    {
        if ((step.CheckOutbox() ?? CheckRoom(step, register.Group) ?? CheckRoomForMember(step, register))
            is { } full)
        {
            return step.Refuse(register.CommandId, full);
        }
        var group = FindOrAdd(step, register.Group);
        if (!group.Members.TryGetValue(register.Member, out var member))
        {
            member = new() { Name = register.Member, Identity = identity };
            step.State.Groups.Add(group, member);
            member.IsHealthy = !step.State.Nodes.IsFailed(identity);
            member.StateVersion = register.StateVersion;
            Promotions.FillVacancy(step, group, isFirst: group.Members.Count == 1);
        }
        else if (member.Past.Contains(identity))
        {
            return step.Refuse(register.CommandId, RecoveryRefusal.ArgumentInvalid,
                $"{member.Name} was the incarnation '{identity.Incarnation}' with the session "
                + $"'{identity.SessionId}' before, and is another by now.");
        }
        else
        {
            Follow(step, group, member, identity, register.StateVersion);
        }
        Promotions.FillVacancy(step, group);
        return step.Accept(register.CommandId, group.Name);
    }

    /// <summary>A member's process has another session, or was replaced by another process.</summary>
    private static void Follow(Step step, Group group, Member member, Identity identity, long version)
    {
        var before = member.Identity;
        var isSameProcess = before.Node == identity.Node && before.Incarnation == identity.Incarnation;
        member.Become(identity);
        member.IsHealthy = !step.State.Nodes.IsFailed(identity);
        // Another process starts with what it says, not with what the former had.
        member.StateVersion = isSameProcess ? Math.Max(member.StateVersion, version) : version;
        if (isSameProcess || group.Primary != member.Name)
        {
            return;
        }
        // The primary as everybody knew it is gone, and may not know it. Its follower may be this process.
        if (group.Policy is not null || group.Plan is not null)
        {
            Plans.PrimaryFailed(step, group, before);
        }
        else
        {
            Promotions.Promote(step, group, member, "");
        }
    }

    private static RecoveryReply Leave(Step step, WithdrawStandby withdraw)
    {
        if (step.State.Groups.Find(withdraw.Group) is not { } group)
        {
            return step.Refuse(withdraw.CommandId, NoGroup(withdraw.Group));
        }
        if (!group.Members.TryGetValue(withdraw.Member, out var member))
        {
            return step.Refuse(withdraw.CommandId, RecoveryRefusal.MemberUnknown,
                $"{withdraw.Member} is not a member of {group.Name}.");
        }
        if (group.Primary == member.Name && step.CheckOutbox() is { } full)
        {
            return step.Refuse(withdraw.CommandId, full);
        }
        step.State.Groups.Remove(group, member);
        if (group.Primary == member.Name)
        {
            FollowPrimary(step, group);
        }
        if (group.IsEmpty)
        {
            step.State.Groups.Remove(group);
            step.State.EpochFloor = Math.Max(step.State.EpochFloor, group.Epoch);
        }
        return step.Accept(withdraw.CommandId, group.Name);
    }

    /// <summary>It left by itself, so it is followed at once, unless its own fence is not done yet.</summary>
    public static void FollowPrimary(Step step, Group group)
    {
        switch (group.Plan)
        {
            case { Step: RecoveryStep.Verify } plan:
                Plans.PromoteNext(step, group, plan, "");
                break;
            case null when Promotions.Best(group) is { } next:
                Promotions.Promote(step, group, next, "");
                break;
            default:
                group.Primary = "";
                break;
        }
    }

    private static Group FindOrAdd(Step step, string name)
    {
        if (step.State.Groups.Find(name) is { } known)
        {
            return known;
        }
        var group = new Group { Name = name, Epoch = step.State.EpochFloor };
        step.State.Groups.Add(group);
        return group;
    }

    private static Refusal? CheckRoom(Step step, string group)
    {
        var (groups, most) = (step.State.Groups, step.Limits.MaxGroups);
        return groups.Find(group) is not null || groups.Count < most ? null : new(
            RecoveryRefusal.LimitReached, $"There are {groups.Count} standby groups, at most {most}.");
    }

    private static Refusal? CheckRoomForMember(Step step, RegisterStandby register)
    {
        var (groups, limits) = (step.State.Groups, step.Limits);
        var members = groups.Find(register.Group)?.Members;
        if (members is not null && members.ContainsKey(register.Member))
        {
            return null;
        }
        if (members?.Count >= limits.MaxMembersPerGroup)
        {
            return new(RecoveryRefusal.LimitReached,
                $"{register.Group} has {members.Count} members, at most {limits.MaxMembersPerGroup}.");
        }
        return groups.MemberCount < limits.MaxMembers ? null : new(
            RecoveryRefusal.LimitReached,
            $"All groups have {groups.MemberCount} members, at most {limits.MaxMembers}.");
    }
}

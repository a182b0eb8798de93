using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>Policies, members that come and go, and the removal of what they leave.</summary>
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
            Plans.ChangePolicy(
                group, new(register.Lock, register.VerifyMilliseconds, register.IsAutomatic));
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
        if (step.State.Answers.TryGetResult(Withdrawn(register.Group, register.Member, identity), out _))
        {
            return step.Refuse(register.CommandId, RecoveryRefusal.MemberUnknown,
                $"The membership {identity.Membership} of {register.Member} was withdrawn.");
        }
        if (group is not null && member?.Identity == identity)
        {
            member.StateVersion = Math.Max(member.StateVersion, register.StateVersion);
            // Refused, it comes again: nothing else may fill the vacancy later.
            if (Promotions.Candidate(group) is not null && step.CheckOutbox() is { } full)
            {
                return step.Refuse(register.CommandId, full);
            }
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

    public static RecoveryReply Remove(Step step, CommandHead head, RemoveGroup remove)
    {
        if (RecoveryValidation.Check(remove) is { } wrong)
        {
            return step.Refuse(remove.CommandId, wrong);
        }
        return ExactlyOnce.RunOperators(step, head, () => RemoveNow(step, remove));
    }

    public static Refusal NoGroup(string name) =>
        new(RecoveryRefusal.GroupUnknown, $"There is no standby group {name}.");

    private static Identity IdentityOf(RegisterStandby register, Member? member)
    {
        var identity = new Identity(
            register.Node, register.Incarnation, register.SessionId, register.Membership);
        // Who names no session, or no membership, says nothing about it: what the same process named before
        // counts.
        return member?.Identity is { } known && known.IsProcessOf(identity)
            ? identity with
            {
                SessionId = identity.SessionId.Length > 0 ? identity.SessionId : known.SessionId,
                Membership = identity.Membership.Length > 0 ? identity.Membership : known.Membership,
            }
            : identity;
    }

    private static RecoveryReply Join(Step step, RegisterStandby register, Identity identity)
    {
        if ((step.CheckOutbox() ?? CheckRoom(step, register.Group) ?? MakeRoomForMember(step, register))
            is { } full)
        {
            return step.Refuse(register.CommandId, full);
        }
        var group = FindOrAdd(step, register.Group);
        if (!group.Members.TryGetValue(register.Member, out var member))
        {
            member = new(
                register.Member, identity, !step.State.Nodes.IsFailed(identity), step.Entry.Index)
            {
                StateVersion = register.StateVersion,
            };
            step.State.Groups.Add(group, member);
            Promotions.FillVacancy(step, group, isFirst: group.Members.Count == 1);
        }
        else if (member.Was(identity))
        {
            return step.Refuse(register.CommandId, RecoveryRefusal.ArgumentInvalid,
                $"{member.Name} was the incarnation '{identity.Incarnation}' with the session "
                + $"'{identity.SessionId}' and the membership '{identity.Membership}' before, and is another "
                + "by now.");
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
        var isSameProcess = identity.IsProcessOf(before);
        member.Become(identity);
        // Of the same process only a verdict says that it lives after all: its report may come late.
        var nodes = step.State.Nodes;
        var maybeAlive = !isSameProcess || member.IsHealthy || nodes.IsRestored(identity);
        member.Judge(maybeAlive && !nodes.IsFailed(identity), step.Entry.Index);
        // Another process starts with what it says, not with what the former had.
        member.StateVersion = isSameProcess ? Math.Max(member.StateVersion, version) : version;
        if (isSameProcess || group.Primary != member.Name)
        {
            return;
        }
        // The primary as everybody knew it is gone, and may not know it. Its follower may be this process.
        if (group.Policy is not null)
        {
            Plans.PrimaryFailed(step, group, before);
            if (group.Plan is { Step: RecoveryStep.Fence })
            {
                // What is fenced is its predecessor; under its name and epoch it would lead before that.
                group.Primary = "";
            }
        }
        else
        {
            Promotions.Promote(step, group, member);
        }
    }

    private static RecoveryReply Leave(Step step, WithdrawStandby withdraw)
    {
        var group = step.State.Groups.Find(withdraw.Group);
        var member = group?.Members.GetValueOrDefault(withdraw.Member);
        if (group is null || member is null
            || (withdraw.Membership.Length > 0 && withdraw.Membership != member.Identity.Membership))
        {
            KeepOut(step, withdraw.Group, withdraw.Member, withdraw.Membership);
            return step.Refuse(withdraw.CommandId, group is null
                ? NoGroup(withdraw.Group)
                : new(RecoveryRefusal.MemberUnknown, member is null
                    ? $"{withdraw.Member} is not a member of {group.Name}."
                    : $"{member.Name} is a member of {group.Name} by the membership "
                        + $"'{member.Identity.Membership}', not '{withdraw.Membership}'."));
        }
        if (group.Primary == member.Name && step.CheckOutbox() is { } full)
        {
            return step.Refuse(withdraw.CommandId, full);
        }
        KeepOut(step, group.Name, member.Name, withdraw.Membership);
        step.State.Groups.Remove(group, member);
        if (group.Primary == member.Name)
        {
            FollowPrimary(step, group);
        }
        if (group.IsEmpty)
        {
            Forget(step, group);
        }
        return step.Accept(withdraw.CommandId, group.Name);
    }

    /// <summary>A copy of its joining or of a report that comes after its withdrawal joins nobody.</summary>
    private static void KeepOut(Step step, string group, string member, string membership)
    {
        var (answers, id) = (step.State.Answers, Withdrawn(group, member, new("", "", "", membership)));
        // One place is left for the answer of the command itself.
        var hasRoom = answers.Count + 1 < step.State.MostMembersIds;
        if (membership.Length > 0 && hasRoom && !answers.TryGetResult(id, out _))
        {
            var subject = new CommandSubject(nameof(WithdrawStandby), group, member);
            answers.Record(id, step.Now, new(subject, RecoveryRefusal.MemberUnknown, ""));
        }
    }

    /// <summary>
    /// Where a withdrawn membership is remembered, among the ids of commands, and longer than any of these.
    /// </summary>
    private static string Withdrawn(string group, string member, Identity identity) =>
        $"withdrawn/{group}/{member}/{identity.Membership}".PadRight(RecoveryValidation.MaxIdCharacters + 1);

    /// <summary>It left by itself, so it is followed at once, unless its own fence is not done yet.</summary>
    public static void FollowPrimary(Step step, Group group)
    {
        switch (group.Plan)
        {
            case { Step: RecoveryStep.Verify } plan:
                Plans.PromoteNext(step, group, plan);
                break;
            case null when Promotions.Best(group) is { } next:
                Promotions.Promote(step, group, next);
                break;
            default:
                group.Primary = "";
                break;
        }
    }

    private static RecoveryReply RemoveNow(Step step, RemoveGroup remove)
    {
        if (step.State.Groups.Find(remove.Group) is not { } group)
        {
            return step.Refuse(remove.CommandId, NoGroup(remove.Group));
        }
        if (!remove.IsForced && group.Members.Values.FirstOrDefault(member => member.IsHealthy) is { } alive)
        {
            return step.Refuse(remove.CommandId, RecoveryRefusal.GroupInUse,
                $"{alive.Name} is a healthy member of {group.Name}: withdraw it, or force the removal.");
        }
        if (!remove.IsForced && group.Plan is { } plan)
        {
            return step.Refuse(remove.CommandId, RecoveryRefusal.GroupInUse,
                $"Recovery {plan.Id} of {group.Name} is under way: wait for it, or force the removal.");
        }
        if (step.CheckOutbox() is { } full)
        {
            return step.Refuse(remove.CommandId, full);
        }
        Forget(step, group);
        step.Publish(id => new()
        {
            GroupRemoved = new() { Group = group.Name, GroupEpoch = group.Epoch, Event = id },
        });
        return step.Accept(remove.CommandId, group.Name);
    }

    private static void Forget(Step step, Group group)
    {
        step.State.Groups.Remove(group);
        step.State.EpochFloor = Math.Max(step.State.EpochFloor, group.Epoch);
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

    /// <summary>
    /// A full group, and a full service, gives up the member that is unhealthy for longest; one that lives
    /// after all joins again with its next report.
    /// </summary>
    private static Refusal? MakeRoomForMember(Step step, RegisterStandby register)
    {
        var (groups, limits) = (step.State.Groups, step.Limits);
        var group = groups.Find(register.Group);
        if (group is not null && group.Members.ContainsKey(register.Member))
        {
            return null;
        }
        if (group?.Members.Count >= limits.MaxMembersPerGroup && !TryDrop(step, [group]))
        {
            return new(RecoveryRefusal.LimitReached,
                $"{register.Group} has {group.Members.Count} members, at most {limits.MaxMembersPerGroup}.");
        }
        return groups.MemberCount < limits.MaxMembers || TryDrop(step, groups.All) ? null : new(
            RecoveryRefusal.LimitReached,
            $"All groups have {groups.MemberCount} members, at most {limits.MaxMembers}.");
    }

    private static bool TryDrop(Step step, IEnumerable<Group> groups)
    {
        var dead = groups
            .SelectMany(group => group.Spare.Select(member => (Group: group, Member: member)))
            .OrderBy(one => one.Member.HealthSince.Value)
            .FirstOrDefault();
        if (dead.Group is null)
        {
            return false;
        }
        step.State.Groups.Remove(dead.Group, dead.Member);
        if (dead.Group.IsEmpty)
        {
            Forget(step, dead.Group);
        }
        return true;
    }
}

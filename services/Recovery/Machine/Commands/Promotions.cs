using Muster.Contracts;
using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// The only place where a group gets another primary: its epoch goes up by one, writes of the former primary
/// are refused from this entry on, and the new one has to confirm.
/// </summary>
internal static class Promotions
{
    public static void Promote(Step step, Group group, Member member)
    {
        var former = group is { HasPrimary: false, Plan: { } open } ? open.FailedMember : group.Primary;
        group.Epoch++;
        group.Primary = member.Name;
        var plan = Plans.Verify(step, group);
        step.Publish(id => new()
        {
            StandbyPromoted = new()
            {
                RecoveryId = plan.IsRecovery ? plan.Id : "",
                Group = group.Name,
                Member = member.Name,
                FormerPrimary = former,
                GroupEpoch = group.Epoch,
                StateVersion = group.StateVersion,
                FenceToken = group.FenceToken,
                Event = id,
            },
        });
    }

    /// <summary>The healthy member with the newest state, of equals the first by name; not one of
    /// these.</summary>
    public static Member? Best(Group group, params IReadOnlyCollection<string> except) =>
        group.Members.Values
            .Where(member => member.IsHealthy && !except.Contains(member.Name))
            .OrderByDescending(member => member.StateVersion)
            .FirstOrDefault();

    /// <summary>
    /// A group without a primary takes the next that comes, unless an operator decides or a recovery is under
    /// way. The first member of a group takes it in any case.
    /// </summary>
    public static void FillVacancy(Step step, Group group, bool isFirst = false)
    {
        if (step.CheckOutbox() is null && Candidate(group, isFirst) is { } member)
        {
            Promote(step, group, member);
        }
    }

    /// <summary>Who would fill the group's vacancy; null when it has none, or nobody may or can.</summary>
    public static Member? Candidate(Group group, bool isFirst = false)
    {
        var mayFill = isFirst || group.Policy is null or { IsAutomatic: true };
        return mayFill && !group.HasPrimary && group.Plan is null ? Best(group) : null;
    }

    public static RecoveryReply ByOperator(Step step, CommandHead head, PromoteStandby promote)
    {
        if (RecoveryValidation.Check(promote) is { } wrong)
        {
            return step.Refuse(promote.CommandId, wrong);
        }
        return ExactlyOnce.RunOperators(step, head, () => PromoteNew(step, promote));
    }

    public static RecoveryReply Confirm(Step step, ConfirmPromotion confirm)
    {
        if (RecoveryValidation.Check(confirm) is { } wrong)
        {
            return step.Refuse(confirm.CommandId, wrong);
        }
        if (step.State.Groups.Find(confirm.Group) is not { } group)
        {
            return step.Refuse(confirm.CommandId, GroupCommands.NoGroup(confirm.Group));
        }
        if (group.Primary != confirm.Member || group.Epoch != confirm.GroupEpoch)
        {
            return step.Refuse(confirm.CommandId, NotPrimary(group, confirm.Member, confirm.GroupEpoch));
        }
        if (group.Plan is { Step: RecoveryStep.Fence } fence)
        {
            return step.Refuse(confirm.CommandId, RecoveryRefusal.NotPrimary,
                $"Recovery {fence.Id} fences {fence.FailedMember}; another promotion follows.");
        }
        if (group.Plan is { Step: RecoveryStep.Verify } plan)
        {
            Plans.Complete(step, group, plan);
        }
        return step.Accept(confirm.CommandId, group.Name);
    }

    public static Refusal NotPrimary(Group group, string member, long epoch) => new(
        RecoveryRefusal.NotPrimary,
        $"{member} is not the primary of {group.Name} in epoch {epoch}: "
            + (group.HasPrimary ? $"{group.Primary} is" : "nobody is") + $", in epoch {group.Epoch}.");

    private static RecoveryReply PromoteNew(Step step, PromoteStandby promote)
    {
        if (step.State.Groups.Find(promote.Group) is not { } group)
        {
            return step.Refuse(promote.CommandId, GroupCommands.NoGroup(promote.Group));
        }
        if (promote.ExpectedEpoch != 0 && promote.ExpectedEpoch != group.Epoch)
        {
            return step.Refuse(promote.CommandId, RecoveryRefusal.VersionMismatch,
                $"{group.Name} has epoch {group.Epoch}, not {promote.ExpectedEpoch}.");
        }
        if (group.Plan is { Step: RecoveryStep.Fence } plan)
        {
            return step.Refuse(promote.CommandId, RecoveryRefusal.NotReady,
                $"Recovery {plan.Id} still breaks the lock {plan.Lock}; nobody is promoted before that.");
        }
        if (promote.Member.Length > 0 && !group.Members.ContainsKey(promote.Member))
        {
            return step.Refuse(promote.CommandId, RecoveryRefusal.MemberUnknown,
                $"{promote.Member} is not a member of {group.Name}.");
        }
        var member = promote.Member.Length == 0
            ? Best(group, group.Primary)
            : group.Members[promote.Member];
        if (member is not { IsHealthy: true })
        {
            return step.Refuse(promote.CommandId, RecoveryRefusal.NoStandby, member is null
                ? $"{group.Name} has no healthy standby."
                : $"The node {member.Identity.Node} of {member.Name} is held for failed.");
        }
        if (member.Name == group.Primary)
        {
            return step.Accept(promote.CommandId, group.Name);
        }
        if (step.CheckOutbox() is { } full)
        {
            return step.Refuse(promote.CommandId, full);
        }
        Promote(step, group, member);
        return step.Accept(promote.CommandId, group.Name);
    }
}

using Muster.Contracts.Detector;

namespace Muster.Recovery.Machine;

/// <summary>What the detectors hold of nodes, and what follows for the members on them.</summary>
internal static class Verdicts
{
    public static void Failed(Step step, NodeFailed failed)
    {
        if (Take(step, Verdict.Of(failed.Node, failed.Incarnation, isFailed: true, failed.Event)))
        {
            foreach (var (group, member) in On(step, failed.Node))
            {
                if (member.Identity.Incarnation == failed.Incarnation)
                {
                    Fail(step, group, member);
                }
            }
        }
        step.Taken(failed.Event);
    }

    public static void Restored(Step step, NodeRestored restored)
    {
        if (Take(step, Verdict.Of(restored.Node, restored.Incarnation, isFailed: false, restored.Event)))
        {
            foreach (var (group, member) in On(step, restored.Node))
            {
                if (member.Identity.Incarnation == restored.Incarnation)
                {
                    member.IsHealthy = true;
                    Promotions.FillVacancy(step, group);
                }
                // The node runs anew, and the process that the member was is gone; unless the verdict is
                // about a process that the member was before, and comes late.
                else if (!member.Past.Exists(past => past.Incarnation == restored.Incarnation))
                {
                    Fail(step, group, member);
                }
            }
        }
        step.Taken(restored.Event);
    }

    /// <summary>
    /// The process stopped on purpose: for its members that is a withdrawal, which may have been lost; only
    /// their places are kept. So a primary is followed at once, without a fence and whatever its policy.
    /// </summary>
    public static void Left(Step step, NodeLeft left)
    {
        if (Take(step, Verdict.Of(left.Node, left.Incarnation, isFailed: true, left.Event)))
        {
            var gone = On(step, left.Node)
                .Where(on => on.Member.Identity.Incarnation == left.Incarnation).ToList();
            gone.ForEach(on => on.Member.IsHealthy = false);
            foreach (var (group, _) in gone.Where(on => on.Group.Primary == on.Member.Name).ToList())
            {
                GroupCommands.FollowPrimary(step, group);
            }
        }
        step.Taken(left.Event);
    }

    /// <summary>
    /// After a restoration: the members' health by the newest verdicts, and recoveries of the primaries that
    /// fail by them.
    /// </summary>
    public static void Judge(Step step)
    {
        foreach (var group in step.State.Groups.All.ToList())
        {
            foreach (var member in group.Members.Values.Where(
                member => step.State.Nodes.IsRestored(member.Identity)))
            {
                member.IsHealthy = true; // the verdict in the backup was taken back since
            }
            foreach (var member in group.Members.Values.Where(
                member => step.State.Nodes.IsFailed(member.Identity)).ToList())
            {
                Fail(step, group, member);
            }
        }
    }

    private static bool Take(Step step, Verdict verdict)
    {
        // No node that a member could name, so that nothing follows from it.
        if (verdict.Node.Length is 0 or > RecoveryValidation.MaxIdCharacters
            || verdict.Incarnation.Length > RecoveryValidation.MaxIdCharacters)
        {
            return false;
        }
        if (!step.State.Nodes.Take(verdict))
        {
            return false;
        }
        step.State.Nodes.Bound(step.Limits.MaxNodes, () => UsedNodes(step));
        return true;
    }

    private static void Fail(Step step, Group group, Member member)
    {
        if (!member.IsHealthy)
        {
            return;
        }
        member.IsHealthy = false;
        if (group.Primary == member.Name)
        {
            Plans.PrimaryFailed(step, group, member.Identity);
        }
    }

    private static SortedSet<string> UsedNodes(Step step) => new(
        step.State.Groups.All.SelectMany(group => group.Members.Values.Select(m => m.Identity.Node)),
        StringComparer.Ordinal);

    private static List<(Group Group, Member Member)> On(Step step, string node) =>
        [.. step.State.Groups.All.SelectMany(group => group.Members.Values
            .Where(member => member.Identity.Node == node)
            .Select(member => (group, member)))];
}

using Muster.Contracts.Detector;

namespace Muster.Recovery.Machine;

/// <summary>What the detectors hold of nodes, and what follows for the members on them.</summary>
internal static class Verdicts
{
    /// <summary>
    /// Detectors number their events one after the other, and most are no verdicts. No queue holds so many
    /// that a verdict could be further ahead of the newest that came.
    /// </summary>
    private const long LargestGap = 1_000_000;

    /// <summary>As the detectors' machine: neither epochs nor numbers are above it.</summary>
    private const long LargestNumber = 1L << 53;

    public static void Failed(Step step, NodeFailed failed)
    {
        var verdict = Verdict.Of(failed.Node, failed.Incarnation, isFailed: true, failed.Event);
        if (Take(step, verdict) is Taking.New or Taking.Overtaken)
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
        var verdict = Verdict.Of(restored.Node, restored.Incarnation, isFailed: false, restored.Event);
        if (Take(step, verdict) == Taking.New)
        {
            foreach (var (group, member) in On(step, restored.Node))
            {
                if (member.Identity.Incarnation == restored.Incarnation)
                {
                    member.Judge(isNowHealthy: true, step.Entry.Index);
                    Promotions.FillVacancy(step, group);
                }
                // Who was only suspected goes on: that says nothing of other processes.
                else if (restored.Was != NodeStatus.Suspected && IsGone(member, restored.Incarnation))
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
        var verdict = Verdict.Of(left.Node, left.Incarnation, isFailed: true, left.Event, hasLeft: true);
        var taking = Take(step, verdict);
        if (taking is Taking.New or Taking.Overtaken)
        {
            var gone = OfIncarnation(step, left);
            // Of one that a newer verdict made unhealthy already, a plan may be under way.
            var followed = gone
                .Where(on => on.Group.Primary == on.Member.Name
                    && (taking == Taking.New || on.Member.IsHealthy || on.Group.Plan is null))
                .ToList();
            gone.ForEach(on => on.Member.Judge(isNowHealthy: false, step.Entry.Index));
            followed.ForEach(on => GroupCommands.FollowPrimary(step, on.Group));
        }
        else if (taking == Taking.Old)
        {
            FollowDead(step, left);
        }
        step.Taken(left.Event);
    }

    /// <summary>
    /// A primary that a newer verdict made unhealthy, and that no plan follows, has left all the same.
    /// </summary>
    private static void FollowDead(Step step, NodeLeft left)
    {
        foreach (var (group, member) in OfIncarnation(step, left))
        {
            if (!member.IsHealthy && group.Primary == member.Name && group.Plan is null)
            {
                GroupCommands.FollowPrimary(step, group);
            }
        }
    }

    /// <summary>
    /// After a restoration: the members' health by the newest verdicts, and what follows of it for primaries:
    /// recoveries of those that failed, and followers of those that left.
    /// </summary>
    /// <param name="step">The restoration's entry.</param>
    /// <param name="news">Nodes whose newest verdict is not in the backup.</param>
    public static void Judge(Step step, IReadOnlySet<string> news)
    {
        var nodes = step.State.Nodes;
        foreach (var group in step.State.Groups.All.ToList())
        {
            foreach (var member in group.Members.Values.Where(
                member => nodes.IsRestored(member.Identity)))
            {
                // The verdict in the backup was taken back since.
                member.Judge(isNowHealthy: true, step.Entry.Index);
            }
            var gone = group.Members.Values.Where(member => nodes.HasLeft(member.Identity)).ToList();
            gone.ForEach(member => member.Judge(isNowHealthy: false, step.Entry.Index));
            // The primary last, so that none is promoted that has failed too.
            foreach (var member in group.Members.Values
                .Where(member => HasFailed(nodes, member, news))
                .OrderBy(member => member.Name == group.Primary)
                .ToList())
            {
                Fail(step, group, member);
            }
            if (gone.Exists(member => member.Name == group.Primary))
            {
                GroupCommands.FollowPrimary(step, group);
            }
        }
    }

    /// <summary>Forgets the oldest verdicts on nodes without members.</summary>
    public static void Bound(RecoveryState state) =>
        state.Nodes.Bound(state.Limits.MaxNodes, () => UsedNodes(state));

    /// <summary>
    /// How its process ended is not kept when the node ran anew since the backup, and neither is that it did.
    /// </summary>
    private static bool HasFailed(NodeTable nodes, Member member, IReadOnlySet<string> news) =>
        (nodes.IsFailed(member.Identity) && !nodes.HasLeft(member.Identity))
        || (news.Contains(member.Identity.Node)
            && nodes.Find(member.Identity.Node) is { } verdict && IsGone(member, verdict.Incarnation));

    /// <summary>
    /// The node runs anew, and the process that the member was is gone; unless the verdict is about a process
    /// that the member was before, and comes late. One that names no incarnation is no verdict's.
    /// </summary>
    private static bool IsGone(Member member, string incarnation) =>
        member.Identity.Incarnation.Length > 0 && member.Identity.Incarnation != incarnation
        && !member.Past.Exists(past => past.Incarnation == incarnation);

    private static Taking Take(Step step, Verdict verdict)
    {
        // No node that a member could name, so that nothing follows from it.
        if (verdict.Node.Length is 0 or > RecoveryValidation.MaxIdCharacters
            || verdict.Incarnation.Length > RecoveryValidation.MaxIdCharacters)
        {
            return Taking.Invalid;
        }
        // No detector said it, and if it were believed, all that they say of that node later would be old.
        if (verdict.Epoch is < 0 or > LargestNumber || verdict.Number is < 0 or > LargestNumber
            || verdict.Number - LargestGap > step.State.Nodes.NewestIn(verdict.Epoch))
        {
            return Taking.Invalid;
        }
        var nodes = step.State.Nodes;
        if (!nodes.Take(verdict))
        {
            return nodes.IsOvertaken(verdict) ? Taking.Overtaken : Taking.Old;
        }
        Bound(step.State);
        return Taking.New;
    }

    private static void Fail(Step step, Group group, Member member)
    {
        if (!member.IsHealthy)
        {
            return;
        }
        member.Judge(isNowHealthy: false, step.Entry.Index);
        if (group.Primary == member.Name)
        {
            Plans.PrimaryFailed(step, group, member.Identity);
        }
    }

    private static SortedSet<string> UsedNodes(RecoveryState state) => new(
        state.Groups.All.SelectMany(group => group.Members.Values.Select(m => m.Identity.Node)),
        StringComparer.Ordinal);

    private static List<(Group Group, Member Member)> OfIncarnation(Step step, NodeLeft left) =>
        [.. On(step, left.Node).Where(on => on.Member.Identity.Incarnation == left.Incarnation)];

    private static List<(Group Group, Member Member)> On(Step step, string node) =>
        [.. step.State.Groups.All.SelectMany(group => group.Members.Values
            .Where(member => member.Identity.Node == node)
            .Select(member => (group, member)))];

    private enum Taking
    {
        /// <summary>Of no node that there is, or numbered by no detector: nothing follows from it.</summary>
        Invalid,

        /// <summary>It is known, or a newer one on the same incarnation is.</summary>
        Old,

        /// <summary>
        /// A newer one is about the node's next incarnation. It still tells how this one ended: what is over
        /// does not come back.
        /// </summary>
        Overtaken,

        New,
    }
}

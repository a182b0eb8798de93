using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// Fence, promote, verify, and again with the next standby until one confirms or none is left.
/// </summary>
internal static class Plans
{
    private static readonly long DefaultVerifyMilliseconds = new RegisterPolicy().VerifyMilliseconds;

    /// <summary>
    /// The primary's process is gone. While a fence is under way there is nothing new; one that was promoted
    /// and not verified is fenced too, since it may hold the lock already, and followed; and of one that was,
    /// the policy says what to do: without one an operator decides.
    /// </summary>
    /// <param name="step">The entry.</param>
    /// <param name="group">Its primary has failed.</param>
    /// <param name="failed">What the primary was when it failed.</param>
    public static void PrimaryFailed(Step step, Group group, Identity failed)
    {
        if (group.Plan is { } plan)
        {
            if (plan.Step == RecoveryStep.Verify)
            {
                Fence(step, group, plan, failed);
            }
        }
        else if (group.Policy is not null)
        {
            Fence(step, group, Open(step, group), failed);
        }
    }

    /// <summary>
    /// Whoever is being verified gets the new time, from its promotion on: a first member joins before it can
    /// register a policy.
    /// </summary>
    public static void ChangePolicy(Group group, Policy policy)
    {
        if (group.Plan is { Step: RecoveryStep.Verify } plan)
        {
            plan.Deadline += policy.VerifyMilliseconds - VerifyMilliseconds(group);
        }
        group.Policy = policy;
    }

    public static void Claim(Step step, ClaimRecovery claim)
    {
        if (step.State.Groups.FindPlan(claim.RecoveryId)?.Plan is { Step: RecoveryStep.Fence } plan
            && plan.ClaimEpoch == claim.ExpectedClaimEpoch)
        {
            plan.Claimant = claim.Replica;
            plan.ClaimEpoch++;
            step.Moved(plan);
        }
    }

    /// <summary>
    /// Late, double and foreign copies end here: wrong claim, wrong step, an earlier fence, no such plan.
    /// </summary>
    public static void Done(Step step, StepDone done)
    {
        var group = step.State.Groups.FindPlan(done.RecoveryId);
        if (group?.Plan is not { Claimant.Length: > 0 } plan || plan.ClaimEpoch != done.ClaimEpoch
            || plan.Step != done.Step || done.Step != RecoveryStep.Fence)
        {
            return;
        }
        if (done.FencingToken > group.FenceToken)
        {
            group.FenceToken = done.FencingToken;
        }
        AfterFence(step, group, plan);
    }

    /// <summary>Promotions that nobody confirmed in time.</summary>
    public static void EndWhatIsDue(Step step)
    {
        // By deadline, then by name: the same order on every replica.
        var due = step.State.Groups.Recovering
            .Where(group => group.Plan is { Step: RecoveryStep.Verify } plan && plan.Deadline <= step.Now)
            .OrderBy(group => group.Plan!.Deadline)
            .ToList();
        foreach (var group in due)
        {
            group.Plan!.Tried.Add(group.Primary);
            Fence(step, group, group.Plan, group.Members[group.Primary].Identity);
        }
    }

    /// <summary>The former primary is fenced, or has left by itself.</summary>
    public static void PromoteNext(Step step, Group group, Plan plan)
    {
        if (Promotions.Best(group, plan.Tried) is { } next)
        {
            Promotions.Promote(step, group, next);
            return;
        }
        Fail(step, group, plan, plan.Tried.Count == 0
            ? "No healthy standby can be promoted."
            : $"None of the promoted confirmed: {string.Join(", ", plan.Tried)}.");
    }

    /// <summary>The primary has to confirm from now on, under the plan that is open or a new one.</summary>
    public static Plan Verify(Step step, Group group)
    {
        var plan = group.Plan ?? Open(step, group);
        plan.Step = RecoveryStep.Verify;
        plan.Deadline = step.Now + VerifyMilliseconds(group);
        return plan;
    }

    public static void Complete(Step step, Group group, Plan plan)
    {
        group.Plan = null;
        if (!plan.IsRecovery)
        {
            return;
        }
        step.Publish(id => new()
        {
            RecoveryCompleted = new()
            {
                RecoveryId = plan.Id,
                Group = group.Name,
                Primary = group.Primary,
                GroupEpoch = group.Epoch,
                Event = id,
            },
        });
    }

    private static long VerifyMilliseconds(Group group) =>
        group.Policy?.VerifyMilliseconds ?? DefaultVerifyMilliseconds;

    private static Plan Open(Step step, Group group) =>
        group.Plan = new() { Id = step.NextRecoveryId(), Group = group.Name };

    private static void Fence(Step step, Group group, Plan plan, Identity former)
    {
        var isNews = !plan.IsRecovery;
        plan.Step = RecoveryStep.Fence;
        plan.FailedMember = group.Primary;
        plan.Failed = former;
        plan.Lock = group.Policy?.Lock ?? "";
        if (plan.Fences++ > 0)
        {
            // What an executor of the former fence still reports is not about this one.
            (plan.Claimant, plan.ClaimEpoch) = ("", plan.ClaimEpoch + 1);
        }
        step.Moved(plan);
        if (isNews)
        {
            step.Publish(id => new()
            {
                RecoveryStarted = new()
                {
                    RecoveryId = plan.Id,
                    Group = group.Name,
                    FailedMember = plan.FailedMember,
                    Node = former.Node,
                    Event = id,
                },
            });
        }
        if (plan.Lock.Length == 0)
        {
            AfterFence(step, group, plan);
        }
    }

    private static void AfterFence(Step step, Group group, Plan plan)
    {
        if (group.Policy is { IsAutomatic: false })
        {
            Fail(step, group, plan, "The policy promotes nobody by itself: PromoteStandby decides.");
            return;
        }
        PromoteNext(step, group, plan);
    }

    private static void Fail(Step step, Group group, Plan plan, string reason)
    {
        group.Plan = null;
        group.Primary = "";
        if (!plan.IsRecovery)
        {
            return;
        }
        step.Publish(id => new()
        {
            RecoveryFailed = new()
            {
                RecoveryId = plan.Id,
                Group = group.Name,
                Reason = reason,
                Event = id,
            },
        });
    }
}

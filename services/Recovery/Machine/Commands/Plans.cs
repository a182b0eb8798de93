using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// Recoveries: fence, promote, verify, and again with the next standby until one confirms or none is left.
/// </summary>
internal static class Plans
{
    private static readonly long DefaultVerifyMilliseconds = new RegisterPolicy().VerifyMilliseconds;

    /// <summary>
    /// The primary's process is gone. Without a policy an operator decides; while its own recovery still
    /// fences there is nothing new; and one that was promoted and not verified is followed by the next.
    /// </summary>
    /// <param name="step">The entry.</param>
    /// <param name="group">Its primary has failed.</param>
    /// <param name="failed">What the primary was when it failed.</param>
    public static void PrimaryFailed(Step step, Group group, Identity failed)
    {
        if (group.Plan is { } under)
        {
            if (under.Step == RecoveryStep.Verify)
            {
                PromoteNext(step, group, under, group.Primary);
            }
        }
        else if (group.Policy is { } policy)
        {
            Start(step, group, policy, failed);
        }
    }

    public static void Claim(Step step, ClaimRecovery claim)
    {
        if (step.State.Groups.FindPlan(claim.RecoveryId)?.Plan is { } plan
            && plan.ClaimEpoch == claim.ExpectedClaimEpoch)
        {
            plan.Claimant = claim.Replica;
            plan.ClaimEpoch++;
            step.Moved(plan);
        }
    }

    /// <summary>Late, double and foreign copies end here: wrong claim, wrong step, or no such plan.</summary>
    public static void Done(Step step, StepDone done)
    {
        var group = step.State.Groups.FindPlan(done.RecoveryId);
        if (group?.Plan is not { } plan || plan.ClaimEpoch != done.ClaimEpoch || done.ClaimEpoch == 0
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
            PromoteNext(step, group, group.Plan!, group.Primary);
        }
    }

    /// <summary>The primary under verification has left, or failed, or did not confirm.</summary>
    public static void PromoteNext(Step step, Group group, Plan plan, string tried)
    {
        if (tried.Length > 0)
        {
            plan.Tried.Add(tried);
        }
        if (Promotions.Best(group, plan.Tried) is not { } next)
        {
            Fail(step, group, plan, plan.Tried.Count == 0
                ? "No healthy standby can be promoted."
                : $"None of the promoted confirmed: {string.Join(", ", plan.Tried)}.");
            return;
        }
        Promotions.Promote(step, group, next, plan.Id);
        Verify(step, group, plan);
    }

    /// <summary>An operator promoted another member while one was verified: now that one is.</summary>
    public static void VerifyAnew(Step step, Group group)
    {
        if (group.Plan is { } plan)
        {
            Verify(step, group, plan);
        }
    }

    public static void Complete(Step step, Group group, Plan plan)
    {
        group.Plan = null;
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

    private static void Start(Step step, Group group, Policy policy, Identity failed)
    {
        var plan = new Plan
        {
            Id = step.NextRecoveryId(),
            Group = group.Name,
            FailedMember = group.Primary,
            Failed = failed,
            Lock = policy.Lock,
            Step = RecoveryStep.Fence,
        };
        group.Plan = plan;
        step.Moved(plan);
        step.Publish(id => new()
        {
            RecoveryStarted = new()
            {
                RecoveryId = plan.Id,
                Group = group.Name,
                FailedMember = plan.FailedMember,
                Node = failed.Node,
                Event = id,
            },
        });
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
        PromoteNext(step, group, plan, "");
    }

    private static void Verify(Step step, Group group, Plan plan)
    {
        plan.Step = RecoveryStep.Verify;
        plan.Deadline = step.Now + (group.Policy?.VerifyMilliseconds ?? DefaultVerifyMilliseconds);
    }

    private static void Fail(Step step, Group group, Plan plan, string reason)
    {
        group.Plan = null;
        group.Primary = "";
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

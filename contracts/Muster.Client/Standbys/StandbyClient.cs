using Microsoft.Extensions.Logging;
using Muster.Contracts.Recovery;

namespace Muster.Client;

/// <summary>The calls of <see cref="IStandbys"/>.</summary>
internal sealed class StandbyClient(ClientCore core, ILogger logger) : IStandbys
{
    public async Task<IStandby> JoinAsync(StandbyOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        GivenText.CheckField("Group", options.Group, nameof(options));
        GivenText.CheckField("Member", options.Member ?? "", nameof(options));
        if (options.Policy is { } wanted)
        {
            GivenText.CheckField("Policy's Lock", wanted.Lock, nameof(options));
        }
        cancellationToken.ThrowIfCancellationRequested();
        core.RequireEvents();
        StandbyMember? member = null;
        member = new StandbyMember(options, options.Member ?? core.Options.Node)
        {
            OnPromoted = (promotion, deposed) =>
                _ = Task.Run(() => TakeOverAsync(member!, promotion, deposed), CancellationToken.None),
        };
        var standby = new StandbyHandle(core, member, logger);
        var isIn = false;
        try
        {
            await RegisterAsync(member, cancellationToken).ConfigureAwait(false);
            isIn = true;
            if (options.Policy is { } policy)
            {
                await RegisterPolicyAsync(options.Group, policy, cancellationToken).ConfigureAwait(false);
            }
            return standby;
        }
        catch (Exception failure)
        {
            // Not joined, as far as the caller knows: in the background it is taken out again.
            var withdrawn = Task.FromResult(false);
            core.StepUnlessClosed(parts => withdrawn = parts.Standbys.Withdraw(member));
            if (failure is MusterUnknownException unknown)
            {
                throw new MusterUnknownException(
                    unknown.CommandId, unknown.Message,
                    TakenOut(member, withdrawn, isIn ? unknown : null));
            }
            throw;
        }
    }

    /// <summary>
    /// Taken out is certain once the service says so. What became of the policy is asked after that: it stays
    /// with the group.
    /// </summary>
    private Func<CancellationToken, Task<ResolvedOutcome>> TakenOut(
        StandbyMember member, Task<bool> withdrawn, MusterUnknownException? policy)
    {
        var message = $"{member.Name} was taken out of {member.Group} again.";
        var takenBack = Resolution.TakenBack(
            withdrawn, cancellation => WithdrawAsync(member, cancellation), message);
        return policy is null ? takenBack : async cancellationToken =>
        {
            await takenBack(cancellationToken).ConfigureAwait(false);
            var outcome = await policy.ResolveAsync(cancellationToken).ConfigureAwait(false);
            return new ResolvedOutcome
            {
                Kind = outcome.Kind == OutcomeKind.Done ? OutcomeKind.Partly : outcome.Kind,
                Refusal = outcome.Refusal,
                Message = outcome.Kind == OutcomeKind.Done
                    ? $"{message} The policy of {member.Group} is set."
                    : $"{message} {outcome.Message}",
            };
        };
    }

    /// <summary>The membership names it, so that it may be withdrawn as often as one likes.</summary>
    private Task WithdrawAsync(StandbyMember member, CancellationToken cancellationToken) =>
        core.AskUntilAsync(
            $"Taking {member.Name} out of {member.Group}",
            id => new RecoveryCommand { WithdrawStandby = member.Withdrawal(id) },
            Withdrawals.IsOut, cancellationToken);

    public async Task RemoveGroupAsync(string group, bool force, CancellationToken cancellationToken)
    {
        GivenText.Check(group);
        var reply = await core.AskAsync(
            $"The removal of {group}",
            id => new RecoveryCommand
            {
                RemoveGroup = new RemoveGroup { CommandId = id, Group = group, IsForced = force },
            },
            cancellationToken,
            result: _ => null).ConfigureAwait(false);
        if (reply.RecoveryAccepted is null)
        {
            throw CallKinds.ToException(reply.RecoveryRefused);
        }
    }

    private async Task RegisterAsync(StandbyMember member, CancellationToken cancellationToken)
    {
        var answered =
            new TaskCompletionSource<RecoveryReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        core.Step(parts => parts.Standbys.Join(member, reply => answered.TrySetResult(reply)));
        core.Start();
        var reply = await answered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (reply.RecoveryUnknown is { } unknown)
        {
            throw core.Unanswered(unknown.CommandId, $"Joining {member.Group}");
        }
        if (reply.RecoveryAccepted is null)
        {
            throw CallKinds.ToException(reply.RecoveryRefused);
        }
    }

    private async Task RegisterPolicyAsync(
        string group, StandbyPolicy policy, CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync(
            $"The policy of {group}",
            id => new RecoveryCommand
            {
                RegisterPolicy = new RegisterPolicy
                {
                    CommandId = id,
                    Group = group,
                    Lock = policy.Lock,
                    VerifyMilliseconds = (long)policy.VerifyTimeout.TotalMilliseconds,
                    IsAutomatic = policy.IsAutomatic,
                },
            },
            cancellationToken,
            result: _ => null).ConfigureAwait(false);
        if (reply.RecoveryAccepted is null)
        {
            throw CallKinds.ToException(reply.RecoveryRefused);
        }
    }

    private async Task TakeOverAsync(
        StandbyMember member, StandbyPromotion promotion, CancellationToken deposed)
    {
        try
        {
            if (member.Options.OnPromoted is { } takeOver)
            {
                await takeOver(promotion, deposed).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Not confirmed: the recovery goes on with another member.
            logger.PromotionFailed(exception, member.Group, member.Name, promotion.GroupEpoch);
            return;
        }
        core.StepUnlessClosed(parts => parts.Standbys.Confirm(member, promotion.GroupEpoch));
    }
}

using Microsoft.Extensions.Logging;
using Muster.Contracts.Recovery;

namespace Muster.Client;

/// <summary>The calls of <see cref="IStandbys"/>.</summary>
internal sealed class StandbyClient(ClientCore core, ILogger logger) : IStandbys
{
    public async Task<IStandby> JoinAsync(StandbyOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        core.RequireEvents();
        StandbyMember? member = null;
        member = new StandbyMember(options, options.Member ?? core.Options.Node)
        {
            OnPromoted = (promotion, deposed) =>
                _ = Task.Run(() => TakeOverAsync(member!, promotion, deposed), CancellationToken.None),
        };
        var standby = new StandbyHandle(core, member, logger);
        try
        {
            await RegisterAsync(member, cancellationToken).ConfigureAwait(false);
            if (options.Policy is { } policy)
            {
                await RegisterPolicyAsync(options.Group, policy, cancellationToken).ConfigureAwait(false);
            }
            return standby;
        }
        catch (Exception failure)
        {
            // Not joined, as far as the caller knows: in the background it is taken out again.
            var withdrawn = Task.CompletedTask;
            core.StepUnlessClosed(parts => withdrawn = parts.Standbys.Withdraw(member));
            if (failure is MusterUnknownException unknown)
            {
                throw new MusterUnknownException(
                    unknown.CommandId, unknown.Message,
                    Resolution.TakenBack(withdrawn, $"{member.Name} was taken out of {member.Group} again."));
            }
            throw;
        }
    }

    public async Task RemoveGroupAsync(string group, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(group);
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
            cancellationToken).ConfigureAwait(false);
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

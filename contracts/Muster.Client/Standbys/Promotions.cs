using Microsoft.Extensions.Logging;
using Muster.Contracts.Recovery;

namespace Muster.Client;

/// <summary>
/// What follows when a member becomes the primary: recover the state, let the owner take over, confirm. Used
/// under the client's gate.
/// </summary>
internal sealed class Promotions(
    MusterOptions options, RecoveryCalls calls, Action<StandbyMember, StandbyGroup, Place> learn,
    Action<StandbyMember, long> notPrimary, ILogger logger)
{
    /// <summary>The member leads from this epoch on.</summary>
    public void Begin(StandbyMember member, long groupEpoch)
    {
        member.Term = new CancellationTokenSource();
        logger.StandbyPromoted(member.Group, member.Name, groupEpoch);
        Recover(member, groupEpoch);
    }

    /// <summary>The member's term is over.</summary>
    public void Depose(StandbyMember member)
    {
        if (member.Promotion is { } call)
        {
            member.Promotion = null;
            calls.Close(call);
        }
        if (!member.Term.IsCancellationRequested)
        {
            logger.StandbyDeposed(member.Group, member.Name, member.View.GroupEpoch);
            member.Term.CancelInBackground(logger);
        }
    }

    /// <summary>The owner has taken over.</summary>
    public void Confirm(StandbyMember member, long groupEpoch)
    {
        if (!member.Leads(groupEpoch))
        {
            return;
        }
        Open(
            member,
            call => new RecoveryCommand
            {
                ConfirmPromotion = new ConfirmPromotion
                {
                    CommandId = call.Id,
                    Group = member.Group,
                    Member = member.Name,
                    GroupEpoch = groupEpoch,
                },
            },
            reply =>
            {
                if (reply.RecoveryAccepted is { } accepted)
                {
                    learn(member, accepted.Group, Place.Of(accepted.Freshness));
                    return;
                }
                var refusal = reply.RecoveryRefused ?? CallKinds.OddRecoveryAnswer;
                logger.ConfirmationRefused(member.Group, member.Name, refusal.Reason, refusal.Message);
                if (refusal.Reason == RecoveryRefusal.NotPrimary)
                {
                    notPrimary(member, groupEpoch); // it came too late: another leads, or nobody
                }
            },
            () => Confirm(member, groupEpoch));
    }

    private void Recover(StandbyMember member, long groupEpoch)
    {
        if (!member.Leads(groupEpoch))
        {
            return;
        }
        Open(
            member,
            call => new RecoveryCommand
            {
                RecoverState = new RecoverState { CommandId = call.Id, Group = member.Group },
            },
            reply => OnRecovered(member, groupEpoch, reply),
            () => Recover(member, groupEpoch));
    }

    private void OnRecovered(StandbyMember member, long groupEpoch, RecoveryReply reply)
    {
        if (reply.StateRecovered is not { } recovered)
        {
            var refusal = reply.RecoveryRefused ?? CallKinds.OddRecoveryAnswer;
            logger.ConfirmationRefused(member.Group, member.Name, refusal.Reason, refusal.Message);
            return;
        }
        learn(member, recovered.Group, Place.Of(recovered.Freshness));
        if (!member.Leads(groupEpoch))
        {
            return; // another took over meanwhile
        }
        member.SetWriteBase(recovered.Group.StateVersion, Place.Of(recovered.Freshness));
        var promotion = new StandbyPromotion
        {
            Group = member.Group,
            Member = member.Name,
            GroupEpoch = groupEpoch,
            State = recovered.State,
            StateVersion = recovered.Group.StateVersion,
            FenceToken = recovered.Group.FenceToken,
        };
        member.OnPromoted(promotion, member.Term.Token);
    }

    private void Open(
        StandbyMember member, Func<Call, RecoveryCommand> command, Action<RecoveryReply> onAnswer,
        Action again)
    {
        member.Promotion = new RecoveryCall
        {
            Id = calls.NewId(),
            Command = command,
            OnAnswer = reply =>
            {
                member.Promotion = null;
                onAnswer(reply);
            },
            Timeout = options.CallTimeout,
            OnTimeout = () =>
            {
                member.Promotion = null;
                again();
            },
        };
        calls.Open(member.Promotion);
    }
}

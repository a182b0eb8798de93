using System.Text.Json;
using Muster.Contracts;
using Muster.Recovery.Machine;

namespace Muster.Simulator;

/// <summary>All of an effect of the recovery that must be the same everywhere.</summary>
internal static class RecoveryText
{
    public static string Of(RecoveryEffect effect) => effect switch
    {
        RecoveryEffect.Answer answer =>
            $"answer {JsonSerializer.Serialize(answer.Reply, ContractJson.Default.RecoveryReply)}",
        RecoveryEffect.VerdictTaken taken => $"verdict {taken.Event.Epoch}/{taken.Event.Number}",
        RecoveryEffect.PlanMoved moved => $"plan {moved.RecoveryId}",
        RecoveryEffect.Delivery { Item: { Event: { } one } item } =>
            $"item {item.Number} {JsonSerializer.Serialize(one, ContractJson.Default.RecoveryEvent)}",
        _ => effect.GetType().Name,
    };
}

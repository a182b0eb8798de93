using Muster.Recovery.Machine;

namespace Muster.Simulator;

/// <summary>All of an effect of the recovery that must be the same everywhere.</summary>
internal static class RecoveryText
{
    public static string Of(RecoveryEffect effect) => effect switch
    {
        RecoveryEffect.Answer answer =>
            $"answer {TraceText.Json(answer.Reply)}",
        RecoveryEffect.VerdictTaken taken => $"verdict {taken.Event.Epoch}/{taken.Event.Number}",
        RecoveryEffect.PlanMoved moved => $"plan {moved.RecoveryId}",
        RecoveryEffect.Delivery { Item: { Event: { } one } item } =>
            $"item {item.Number} {TraceText.Json(one)}",
        _ => effect.GetType().Name,
    };
}

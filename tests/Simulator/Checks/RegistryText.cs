using Muster.Registry.Machine;

namespace Muster.Simulator;

/// <summary>All of an effect of the registry that must be the same everywhere.</summary>
internal static class RegistryText
{
    public static string Of(RegistryEffect effect) => effect switch
    {
        RegistryEffect.Answer answer => $"answer {TraceText.Json(answer.Reply)}",
        RegistryEffect.RenewalAnswer renewal => $"renewal {TraceText.Json(renewal.Reply)}",
        RegistryEffect.Delivery { Item: var item } =>
            $"item {item.Number} {(item.Event is { } one ? TraceText.Json(one) : "")}",
        _ => effect.GetType().Name,
    };
}

using System.Text.Json;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;

namespace Muster.Simulator;

/// <summary>All of an effect of the registry that must be the same everywhere.</summary>
internal static class RegistryText
{
    public static string Of(RegistryEffect effect) => effect switch
    {
        RegistryEffect.Answer answer => $"answer {Json(answer.Reply)}",
        RegistryEffect.RenewalAnswer renewal => $"renewal {Json(renewal.Reply)}",
        RegistryEffect.Delivery { Item: var item } =>
            $"item {item.Number} {(item.Event is { } one ? Json(one) : "")}",
        _ => effect.GetType().Name,
    };

    private static string Json(RegistryReply reply) =>
        JsonSerializer.Serialize(reply, ContractJson.Default.RegistryReply);

    private static string Json(RegistryEvent one) =>
        JsonSerializer.Serialize(one, ContractJson.Default.RegistryEvent);

    private static string Json(HeartbeatAnswered answer) =>
        JsonSerializer.Serialize(answer, ContractJson.Default.HeartbeatAnswered);
}

using System.Globalization;
using System.Text.Json;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;

namespace Muster.Simulator;

/// <summary>All of an effect of the lock service that must be the same everywhere.</summary>
internal static class LockText
{
    public static string Of(LockEffect effect) => effect switch
    {
        LockEffect.Answer answer => $"answer {Json(answer.Reply)}",
        LockEffect.RenewalAnswer renewal => $"renewal {Json(renewal.Reply)}",
        LockEffect.Delivery { Item: var item } => string.Create(CultureInfo.InvariantCulture,
            $"item {item.Number} {(item.Event is { } one ? Json(one) : "")} "
            + $"{(item.Reply is { } reply ? Json(reply) : "")}"),
        LockEffect.CrashTaken { Crash: var crash } => string.Create(CultureInfo.InvariantCulture,
            $"crash {crash.Epoch}/{crash.Number} {crash.Node} {crash.Incarnation}"),
        _ => TraceText.Of(effect),
    };

    private static string Json(LockReply reply) =>
        JsonSerializer.Serialize(reply, ContractJson.Default.LockReply);

    private static string Json(LockEvent one) =>
        JsonSerializer.Serialize(one, ContractJson.Default.LockEvent);

    private static string Json(HeartbeatAnswered answer) =>
        JsonSerializer.Serialize(answer, ContractJson.Default.HeartbeatAnswered);
}

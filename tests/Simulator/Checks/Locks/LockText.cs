using System.Globalization;
using Muster.Lock.Machine;

namespace Muster.Simulator;

/// <summary>All of an effect of the lock service that must be the same everywhere.</summary>
internal static class LockText
{
    public static string Of(LockEffect effect) => effect switch
    {
        LockEffect.Answer answer => $"answer {TraceText.Json(answer.Reply)}",
        LockEffect.RenewalAnswer renewal => $"renewal {TraceText.Json(renewal.Reply)}",
        LockEffect.Delivery { Item: var item } => string.Create(CultureInfo.InvariantCulture,
            $"item {item.Number} {(item.Event is { } one ? TraceText.Json(one) : "")} "
            + $"{(item.Reply is { } reply ? TraceText.Json(reply) : "")}"),
        LockEffect.CrashTaken { Crash: var crash } => string.Create(CultureInfo.InvariantCulture,
            $"crash {crash.Epoch}/{crash.Number} {crash.Node} {crash.Incarnation}"),
        _ => TraceText.Of(effect),
    };
}

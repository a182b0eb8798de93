using Muster.Detector.Machine;

namespace Muster.Simulator;

/// <summary>All of an effect of the detectors that must be the same everywhere.</summary>
internal static class DetectorText
{
    public static string Of(DetectorEffect effect) => effect switch
    {
        DetectorEffect.Delivery { Item: { Event: { } one } item } =>
            $"item {item.Number} {TraceText.Json(one)}",
        _ => effect.GetType().Name,
    };
}

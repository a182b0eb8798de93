using Muster.Detector.Core;

namespace Muster.Detector.Judging;

/// <summary>Between the options, in time spans, and the judge, in microseconds.</summary>
internal static class JudgeSettings
{
    public static JudgeOptions ToJudgeOptions(this DetectorOptions options) => new()
    {
        Suspicion = options.Method == SuspicionMethod.Timeout
            ? new PlainTimeout(Of(options.SuspectAfter), options.Threshold)
            : new PhiAccrual(Of(options.MinimumDeviation), Of(options.AcceptablePause)),
        Threshold = options.Threshold,
        FailureThreshold = options.FailureThreshold,
        FailAfter = Of(options.FailAfter),
        AcceptablePause = Of(options.AcceptablePause),
        ReconnectGrace = Of(options.ReconnectGrace),
        Unrest = Of(options.Unrest),
        MassSilenceFactor = options.MassSilenceFactor,
        WindowSize = options.WindowSize,
        MostNodes = options.MaxNodes,
        OwnInterval = Of(options.HeartbeatInterval),
    };

    private static long Of(TimeSpan time) => (long)time.TotalMicroseconds;
}

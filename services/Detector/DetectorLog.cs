using Microsoft.Extensions.Logging;
using Muster.Contracts.Detector;

namespace Muster.Detector;

internal static partial class DetectorLog
{
    [LoggerMessage(6101, LogLevel.Information,
        "{Detector} holds {Node} ({Incarnation}) for {Status}, cause {Cause}, silent for {Silence} ms")]
    public static partial void OpinionChanged(
        this ILogger logger, string detector, string node, string incarnation, NodeStatus status,
        FailureCause cause, long silence);

    [LoggerMessage(6102, LogLevel.Warning, "{Detector} {Why}")]
    public static partial void JudgesNobody(this ILogger logger, string detector, string why);

    [LoggerMessage(6103, LogLevel.Information, "{Detector} hears itself over the bus, and judges")]
    public static partial void JudgesAgain(this ILogger logger, string detector);

    [LoggerMessage(6104, LogLevel.Error, "{Detector} cannot start: {Why}")]
    public static partial void Misconfigured(this ILogger logger, string detector, string why);

    [LoggerMessage(6105, LogLevel.Error,
        "{Detector} hears two processes that call themselves {Node}: {Incarnation}, which it judges, and "
        + "{Other}, which it does not; {Beats} such beats since this was last said. "
        + "Give each process a name of its own")]
    public static partial void TwoOfOneName(
        this ILogger logger, string detector, string node, string incarnation, string other,
        long beats);

    [LoggerMessage(6106, LogLevel.Warning,
        "{Detector} hears more nodes than the {Most} of Detector:MaxNodes, and does not judge the others; "
        + "{Beats} of their beats since this was last said")]
    public static partial void MoreNodesThanJudged(
        this ILogger logger, string detector, int most, long beats);

    [LoggerMessage(6201, LogLevel.Information,
        "{Node} ({Incarnation}) is suspected, cause {Cause}, by {Detector}; event {Number}")]
    public static partial void Suspected(
        this ILogger logger, string node, string incarnation, FailureCause cause, string detector,
        long number);

    [LoggerMessage(6202, LogLevel.Warning,
        "{Node} ({Incarnation}) has failed, cause {Cause}, by the votes of {Detectors}; event {Number}")]
    public static partial void Failed(
        this ILogger logger, string node, string incarnation, FailureCause cause, string detectors,
        long number);

    [LoggerMessage(6203, LogLevel.Information,
        "{Node} ({Incarnation}) is restored and was {Was}; event {Number}")]
    public static partial void Restored(
        this ILogger logger, string node, string incarnation, NodeStatus was, long number);

    [LoggerMessage(6204, LogLevel.Information,
        "{Node} ({Incarnation}) said that it stops; event {Number}")]
    public static partial void Left(this ILogger logger, string node, string incarnation, long number);
}

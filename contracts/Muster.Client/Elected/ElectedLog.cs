using Microsoft.Extensions.Logging;
using Muster.Contracts;

namespace Muster.Client;

internal static partial class ElectedLog
{
    [LoggerMessage(4040, LogLevel.Information, "This process leads {Election} under token {Token}.")]
    public static partial void ElectionWon(this ILogger logger, string election, FencingToken token);

    [LoggerMessage(4041, LogLevel.Information,
        "This process resigned from {Election}, {Elapsed} after it won it.")]
    public static partial void ElectionResigned(this ILogger logger, string election, TimeSpan elapsed);

    [LoggerMessage(4042, LogLevel.Warning,
        "The leadership of {Election} under token {Token} is lost; its service is told to stop.")]
    public static partial void ElectionLost(this ILogger logger, string election, FencingToken token);

    [LoggerMessage(4043, LogLevel.Error,
        "The service of {Election} still runs {Overrun} after its leadership under token {Token} was lost: "
        + "another may run beside it. This process does not stand again before it has ended.")]
    public static partial void LossIgnored(
        this ILogger logger, string election, FencingToken token, TimeSpan overrun);

    [LoggerMessage(4044, LogLevel.Warning,
        "The service of {Election} ended {Overrun} after its leadership under token {Token} was lost.")]
    public static partial void EndedAfterLoss(
        this ILogger logger, string election, FencingToken token, TimeSpan overrun);

    [LoggerMessage(4045, LogLevel.Error,
        "The service of {Election} still runs {Overrun} after it was told to stop; this process resigns, and "
        + "only token {Token} keeps it apart from the next leader's.")]
    public static partial void StopIgnored(
        this ILogger logger, string election, TimeSpan overrun, FencingToken token);

    [LoggerMessage(4046, LogLevel.Error, "The service of {Election} failed under token {Token}.")]
    public static partial void ServiceFailed(
        this ILogger logger, Exception exception, string election, FencingToken token);

    [LoggerMessage(4047, LogLevel.Information, "The service of {Election} is done under token {Token}.")]
    public static partial void ServiceDone(this ILogger logger, string election, FencingToken token);

    [LoggerMessage(4048, LogLevel.Warning, "{Election} could not be stood for; again in {Pause}.")]
    public static partial void CampaignFailed(
        this ILogger logger, Exception exception, string election, TimeSpan pause);
}

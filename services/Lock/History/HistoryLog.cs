using Microsoft.Extensions.Logging;

namespace Muster.Lock.History;

internal static partial class HistoryLog
{
    [LoggerMessage(7601, LogLevel.Warning,
        "The lock history {Path} is not written, and has a gap; locks are not concerned: {Why}")]
    public static partial void HistoryNotWritten(this ILogger logger, string path, string why);

    [LoggerMessage(7602, LogLevel.Information, "The lock history {Path} is written again")]
    public static partial void HistoryWritten(this ILogger logger, string path);

    [LoggerMessage(7603, LogLevel.Error,
        "The lock history {Path} is damaged, put aside as {Aside} and begun anew: {Why}")]
    public static partial void HistoryDamaged(this ILogger logger, string path, string aside, string why);
}

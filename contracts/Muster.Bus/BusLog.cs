using Microsoft.Extensions.Logging;

namespace Muster.Bus;

internal static partial class BusLog
{
    [LoggerMessage(100, LogLevel.Information,
        "{Address} is up on {Broker} as {Incarnation}; broker hints are {Hints}.")]
    public static partial void LinkUp(
        this ILogger logger, string address, string broker, string incarnation, string hints);

    [LoggerMessage(101, LogLevel.Warning, "{Address} is down ({Incarnation}): {Reason}")]
    public static partial void LinkDown(
        this ILogger logger, string address, string incarnation, string reason);

    [LoggerMessage(102, LogLevel.Warning,
        "{Address} cannot connect to {Broker}, attempt {Attempt}, and goes on trying: {Reason}")]
    public static partial void ConnectFailed(
        this ILogger logger, string address, string broker, int attempt, string reason);

    [LoggerMessage(103, LogLevel.Information, "{Address} closed on {Broker}.")]
    public static partial void LinkClosed(this ILogger logger, string address, string broker);

    [LoggerMessage(104, LogLevel.Debug, "{Address}: a connection could not be closed in order: {Reason}")]
    public static partial void CloseFailed(this ILogger logger, string address, string reason);

    [LoggerMessage(105, LogLevel.Information,
        "{Address}: the broker gives no hints of deleted queues ({Reason}); crashes are found by timeouts. "
        + "Plugin: rabbitmq_event_exchange.")]
    public static partial void NoHints(this ILogger logger, string address, string reason);

    [LoggerMessage(106, LogLevel.Information, "{Address} is unblocked ({Incarnation}).")]
    public static partial void LinkUnblocked(this ILogger logger, string address, string incarnation);

    [LoggerMessage(110, LogLevel.Warning,
        "{Address} dropped a message from exchange '{Exchange}' with type '{Type}': {Reason} "
        + "({Suppressed} more since the last line)")]
    public static partial void MessageDropped(
        this ILogger logger, string address, string exchange, string? type, string reason, long suppressed);

    [LoggerMessage(111, LogLevel.Error,
        "{Address}: the handler of {Type} failed ({Suppressed} more since the last line).")]
    public static partial void HandlerFailed(
        this ILogger logger, string address, string type, long suppressed, Exception exception);

    [LoggerMessage(112, LogLevel.Error, "{Address}: a handler of {Event} failed.")]
    public static partial void EventHandlerFailed(
        this ILogger logger, string address, string @event, Exception exception);

    [LoggerMessage(113, LogLevel.Warning,
        "Work queue {Queue}: a message of type '{Type}' is rejected: {Reason} "
        + "({Suppressed} more since the last line)")]
    public static partial void WorkRejected(
        this ILogger logger, string queue, string? type, string reason, long suppressed);

    [LoggerMessage(114, LogLevel.Warning,
        "Work queue {Queue}: a rejected message could not be moved to its error queue "
        + "and {Fate}: {Reason}")]
    public static partial void RejectFailed(this ILogger logger, string queue, string fate, string reason);

    [LoggerMessage(115, LogLevel.Warning,
        "Work queue {Queue} is full: the oldest message was dropped "
        + "({Suppressed} more since the last line).")]
    public static partial void WorkQueueFull(this ILogger logger, string queue, long suppressed);

    [LoggerMessage(116, LogLevel.Warning,
        "{Address} could not send to {Destination}: {Reason} ({Suppressed} more since the last line)")]
    public static partial void SendFailed(
        this ILogger logger, string address, string destination, string reason, long suppressed);
}

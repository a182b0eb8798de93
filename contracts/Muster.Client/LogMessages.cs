using Microsoft.Extensions.Logging;
using Muster.Contracts.Lock;

namespace Muster.Client;

internal static partial class LogMessages
{
    [LoggerMessage(4001, LogLevel.Information, "Session {SessionId} is open, TTL {Ttl}.")]
    public static partial void SessionOpened(this ILogger logger, string sessionId, TimeSpan ttl);

    [LoggerMessage(4002, LogLevel.Warning,
        "Session {SessionId} is lost with {Held} locks held and {Waiting} waits: {Cause}.")]
    public static partial void SessionLost(
        this ILogger logger, string sessionId, int held, int waiting, string cause);

    [LoggerMessage(4003, LogLevel.Warning, "No session could be opened: {Reason}: {Message}")]
    public static partial void SessionRefused(this ILogger logger, LockRefusal reason, string message);

    [LoggerMessage(4004, LogLevel.Warning,
        "Lock {Name} (acquire {AcquireId}) is lost: the service no longer lists it.")]
    public static partial void LockMissing(this ILogger logger, string name, string acquireId);

    [LoggerMessage(4005, LogLevel.Information,
        "A grant of lock {Name} (acquire {AcquireId}) that nobody waits for is given back.")]
    public static partial void GrantReturned(this ILogger logger, string name, string acquireId);

    [LoggerMessage(4006, LogLevel.Warning,
        "The release of lock {Name} (acquire {AcquireId}) is not answered; it goes on in the background.")]
    public static partial void ReleaseUnanswered(this ILogger logger, string name, string acquireId);

    [LoggerMessage(4007, LogLevel.Warning,
        "The release of lock {Name} (acquire {AcquireId}) was refused: {Reason}: {Message}")]
    public static partial void ReleaseRefused(
        this ILogger logger, string name, string acquireId, LockRefusal reason, string message);

    [LoggerMessage(4008, LogLevel.Information, "The bus is reached as {Address}.")]
    public static partial void LinkUp(this ILogger logger, string address);

    [LoggerMessage(4009, LogLevel.Warning, "The bus is out of reach: {Reason}")]
    public static partial void LinkDown(this ILogger logger, string reason);

    [LoggerMessage(4010, LogLevel.Error, "Connecting to the bus failed; tried again in {Delay}.")]
    public static partial void ConnectFailed(this ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(4011, LogLevel.Error, "A message could not be sent; it counts as dropped.")]
    public static partial void SendFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4012, LogLevel.Warning, "A message of type {Type} could not be read and is dropped.")]
    public static partial void MessageMalformed(this ILogger logger, Exception exception, string type);

    [LoggerMessage(4013, LogLevel.Debug, "A message of type {Type} is not for a client and is dropped.")]
    public static partial void MessageUnexpected(this ILogger logger, string type);

    [LoggerMessage(4014, LogLevel.Error, "A callback on a lost lock's token threw.")]
    public static partial void LostCallbackFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4015, LogLevel.Warning,
        "Session {SessionId} could not be closed in time; it ends by its TTL.")]
    public static partial void SessionCloseUnanswered(this ILogger logger, string sessionId);
}

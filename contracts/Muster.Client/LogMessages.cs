using Microsoft.Extensions.Logging;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Client;

internal static partial class LogMessages
{
    [LoggerMessage(4001, LogLevel.Information,
        "Session {SessionId} is open, TTL {Ttl}; released on a crash: {IsReleasedOnCrash}.")]
    public static partial void SessionOpened(
        this ILogger logger, string sessionId, TimeSpan ttl, bool isReleasedOnCrash);

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

    [LoggerMessage(4027, LogLevel.Warning,
        "With it the sessions in other lock groups are lost: {Sessions}.")]
    public static partial void OtherSessionsLost(this ILogger logger, string sessions);

    [LoggerMessage(4028, LogLevel.Information,
        "The lock service has {Groups} groups, and not {Before}: locks are looked for there from now on.")]
    public static partial void LockGroupsLearned(this ILogger logger, int groups, int before);

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

    [LoggerMessage(4014, LogLevel.Error,
        "A callback on a lock's Lost token, or on elected work's stopping token, threw.")]
    public static partial void LostCallbackFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4015, LogLevel.Warning,
        "{Count} closing commands were not answered in time; what they were to end ends by its TTL.")]
    public static partial void CloseUnanswered(this ILogger logger, int count);

    [LoggerMessage(4016, LogLevel.Warning,
        "Instance {InstanceId} of {Service} is being registered again: {Cause}.")]
    public static partial void RegistrationMissing(
        this ILogger logger, string service, string instanceId, string cause);

    [LoggerMessage(4017, LogLevel.Error,
        "Instance {InstanceId} of {Service} could not be registered again: {Reason}: {Message}")]
    public static partial void RegistrationRefused(
        this ILogger logger, string service, string instanceId, RegistryRefusal reason, string message);

    [LoggerMessage(4026, LogLevel.Error,
        "Instance {InstanceId} of {Service} is lost: another process has registered the same id.")]
    public static partial void RegistrationTaken(this ILogger logger, string service, string instanceId);

    [LoggerMessage(4018, LogLevel.Warning,
        "The withdrawal of {Kind} {Group}/{Name} is not answered; it goes on in the background.")]
    public static partial void WithdrawalUnanswered(
        this ILogger logger, string kind, string group, string name);

    [LoggerMessage(4019, LogLevel.Information,
        "The registry's events cannot be followed from where they were left; {Count} watches start anew.")]
    public static partial void WatchesRestarted(this ILogger logger, int count);

    [LoggerMessage(4020, LogLevel.Warning, "Events could not be read: {Reason}: {Message}")]
    public static partial void EventsRefused(this ILogger logger, Enum reason, string message);

    [LoggerMessage(4021, LogLevel.Warning, "{Member} is the primary of {Group}, epoch {GroupEpoch}.")]
    public static partial void StandbyPromoted(
        this ILogger logger, string group, string member, long groupEpoch);

    [LoggerMessage(4022, LogLevel.Warning,
        "{Member} is not the primary of {Group} any more, epoch {GroupEpoch}.")]
    public static partial void StandbyDeposed(
        this ILogger logger, string group, string member, long groupEpoch);

    [LoggerMessage(4023, LogLevel.Error, "{Member} could not report to {Group}: {Reason}: {Message}")]
    public static partial void StandbyRefused(
        this ILogger logger, string group, string member, RecoveryRefusal reason, string message);

    [LoggerMessage(4024, LogLevel.Error,
        "The promotion of {Member} in {Group} went wrong: {Reason}: {Message}")]
    public static partial void ConfirmationRefused(
        this ILogger logger, string group, string member, RecoveryRefusal reason, string message);

    [LoggerMessage(4025, LogLevel.Error,
        "{Member} of {Group} could not take over in epoch {GroupEpoch}; it is not confirmed.")]
    public static partial void PromotionFailed(
        this ILogger logger, Exception exception, string group, string member, long groupEpoch);

    [LoggerMessage(4029, LogLevel.Error,
        "Two clients of this process call themselves {Node}: the detectors judge only one of them, and what "
        + "the other takes part in is not recovered when it dies. Give each a name of its own.")]
    public static partial void NodeShared(this ILogger logger, string node);
}

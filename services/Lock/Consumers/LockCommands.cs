using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;

namespace Muster.Lock.Consumers;

/// <summary>Translations between the contract's one-of shapes and the entry's.</summary>
public static class LockCommands
{
    /// <summary>
    /// Whether a batch's command is one command: a bare-JSON sender may send none, two, or null.
    /// </summary>
    public static bool IsOfOneKind(LockCommand? command) => command is not null && new object?[]
    {
        command.OpenSession, command.CloseSession, command.AcquireLock, command.CancelAcquire,
        command.ReleaseLock, command.UpgradeLock, command.DescribeLock, command.BreakLock, command.Campaign,
        command.Resign, command.Proclaim, command.ObserveLeader, command.ListLocks, command.FindDeadlocks,
        command.SetNamespaceLimits, command.DescribeNamespaces, command.ReadLockHistory,
    }.Count(kind => kind is not null) == 1;

    /// <summary>The command as the log takes it, or null when it is of no kind.</summary>
    public static LockEntryCommand? ToEntry(LockCommand command) => command switch
    {
        { OpenSession: { } open } => new LockEntryCommand { OpenSession = open },
        { CloseSession: { } close } => new LockEntryCommand { CloseSession = close },
        { AcquireLock: { } acquire } => new LockEntryCommand { AcquireLock = acquire },
        { CancelAcquire: { } cancel } => new LockEntryCommand { CancelAcquire = cancel },
        { ReleaseLock: { } release } => new LockEntryCommand { ReleaseLock = release },
        { UpgradeLock: { } upgrade } => new LockEntryCommand { UpgradeLock = upgrade },
        { BreakLock: { } breaking } => new LockEntryCommand { BreakLock = breaking },
        { SetNamespaceLimits: { } set } => new LockEntryCommand { SetNamespaceLimits = set },
        { Campaign: { } campaign } => new LockEntryCommand { Campaign = campaign },
        { Resign: { } resign } => new LockEntryCommand { Resign = resign },
        { Proclaim: { } proclaim } => new LockEntryCommand { Proclaim = proclaim },
        _ => null,
    };

    public static string IdOf(LockCommand command) => ToEntry(command) is { } entry
        ? IdOf(entry)
        : command.DescribeLock?.CommandId ?? command.ObserveLeader?.CommandId
            ?? command.ListLocks?.CommandId ?? command.FindDeadlocks?.CommandId
            ?? command.DescribeNamespaces?.CommandId ?? command.ReadLockHistory?.CommandId ?? "";

    public static ReplyAddress? ReplyToOf(LockCommand command) => ToEntry(command) is { } entry
        ? ReplyToOf(entry)
        : command.DescribeLock?.ReplyTo ?? command.ObserveLeader?.ReplyTo
            ?? command.ListLocks?.ReplyTo ?? command.FindDeadlocks?.ReplyTo
            ?? command.DescribeNamespaces?.ReplyTo ?? command.ReadLockHistory?.ReplyTo;

    public static string IdOf(LockEntryCommand entry) => entry switch
    {
        { OpenSession: { } open } => open.CommandId,
        { CloseSession: { } close } => close.CommandId,
        { AcquireLock: { } acquire } => acquire.CommandId,
        { CancelAcquire: { } cancel } => cancel.CommandId,
        { ReleaseLock: { } release } => release.CommandId,
        { UpgradeLock: { } upgrade } => upgrade.CommandId,
        { BreakLock: { } breaking } => breaking.CommandId,
        { SetNamespaceLimits: { } set } => set.CommandId,
        { Campaign: { } campaign } => campaign.CommandId,
        { Resign: { } resign } => resign.CommandId,
        { Proclaim: { } proclaim } => proclaim.CommandId,
        _ => "",
    };

    public static ReplyAddress? ReplyToOf(LockEntryCommand entry) => entry switch
    {
        { OpenSession: { } open } => open.ReplyTo,
        { CloseSession: { } close } => close.ReplyTo,
        { AcquireLock: { } acquire } => acquire.ReplyTo,
        { CancelAcquire: { } cancel } => cancel.ReplyTo,
        { ReleaseLock: { } release } => release.ReplyTo,
        { UpgradeLock: { } upgrade } => upgrade.ReplyTo,
        { BreakLock: { } breaking } => breaking.ReplyTo,
        { SetNamespaceLimits: { } set } => set.ReplyTo,
        { Campaign: { } campaign } => campaign.ReplyTo,
        { Resign: { } resign } => resign.ReplyTo,
        { Proclaim: { } proclaim } => proclaim.ReplyTo,
        { Heartbeat: { } heartbeat } => heartbeat.ReplyTo,
        _ => null,
    };

    /// <summary>The command with the address its message came with, where it names none itself.</summary>
    public static LockCommand From(LockCommand command, ReplyAddress? sender) => command switch
    {
        _ when sender is null => command,
        { OpenSession: { } open } =>
            new() { OpenSession = open with { ReplyTo = open.ReplyTo ?? sender } },
        { CloseSession: { } close } =>
            new() { CloseSession = close with { ReplyTo = close.ReplyTo ?? sender } },
        { AcquireLock: { } acquire } =>
            new() { AcquireLock = acquire with { ReplyTo = acquire.ReplyTo ?? sender } },
        { CancelAcquire: { } cancel } =>
            new() { CancelAcquire = cancel with { ReplyTo = cancel.ReplyTo ?? sender } },
        { ReleaseLock: { } release } =>
            new() { ReleaseLock = release with { ReplyTo = release.ReplyTo ?? sender } },
        { UpgradeLock: { } upgrade } =>
            new() { UpgradeLock = upgrade with { ReplyTo = upgrade.ReplyTo ?? sender } },
        { ListLocks: { } query } =>
            new() { ListLocks = query with { ReplyTo = query.ReplyTo ?? sender } },
        { FindDeadlocks: { } query } =>
            new() { FindDeadlocks = query with { ReplyTo = query.ReplyTo ?? sender } },
        { ReadLockHistory: { } query } =>
            new() { ReadLockHistory = query with { ReplyTo = query.ReplyTo ?? sender } },
        { DescribeLock: { } query } =>
            new() { DescribeLock = query with { ReplyTo = query.ReplyTo ?? sender } },
        { BreakLock: { } breaking } =>
            new() { BreakLock = breaking with { ReplyTo = breaking.ReplyTo ?? sender } },
        { SetNamespaceLimits: { } set } =>
            new() { SetNamespaceLimits = set with { ReplyTo = set.ReplyTo ?? sender } },
        { DescribeNamespaces: { } query } =>
            new() { DescribeNamespaces = query with { ReplyTo = query.ReplyTo ?? sender } },
        { Campaign: { } campaign } =>
            new() { Campaign = campaign with { ReplyTo = campaign.ReplyTo ?? sender } },
        { Resign: { } resign } =>
            new() { Resign = resign with { ReplyTo = resign.ReplyTo ?? sender } },
        { Proclaim: { } proclaim } =>
            new() { Proclaim = proclaim with { ReplyTo = proclaim.ReplyTo ?? sender } },
        { ObserveLeader: { } query } =>
            new() { ObserveLeader = query with { ReplyTo = query.ReplyTo ?? sender } },
        _ => command,
    };

    /// <summary>The answer inside the one-of.</summary>
    public static object Content(LockReply reply) => reply switch
    {
        { LockGranted: { } granted } => granted,
        { LockQueued: { } queued } => queued,
        { LockReleased: { } released } => released,
        { AcquireCancelled: { } cancelled } => cancelled,
        { SessionOpened: { } opened } => opened,
        { SessionClosed: { } closed } => closed,
        { LockDescription: { } description } => description,
        { LockBroken: { } broken } => broken,
        { ValueProclaimed: { } proclaimed } => proclaimed,
        { LeaderObserved: { } observed } => observed,
        { LocksListed: { } listed } => listed,
        { DeadlocksFound: { } found } => found,
        { NamespaceLimitsSet: { } set } => set,
        { NamespacesDescribed: { } described } => described,
        { LockHistoryRead: { } read } => read,
        { LockRefused: { } refused } => refused,
        { LockUnknown: { } unknown } => unknown,
        _ => throw new InvalidOperationException("A reply holds no answer."),
    };

    public static LockReply Refused(string commandId, LockRefusal reason, string message) =>
        new() { LockRefused = new LockRefused { CommandId = commandId, Reason = reason, Message = message } };

    public static LockReply Overloaded(string commandId, string? why = null) =>
        Refused(
            commandId, LockRefusal.Overloaded,
            why ?? "The replica has too many commands waiting; send again later.");

    public static LockReply TooLarge(string commandId) =>
        Refused(commandId, LockRefusal.LimitReached, "The command is larger than an entry of the log.");

    public static LockReply Unknown(string commandId) => new()
    {
        LockUnknown = new()
        {
            CommandId = commandId,
            Message = "No leader confirmed the command in time; send it again with the same id "
                + "to learn its outcome.",
        },
    };
}

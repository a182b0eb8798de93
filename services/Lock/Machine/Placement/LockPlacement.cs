using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// Which group a command is for. Whoever takes it sends it there; the machine looks itself, so that no lock
/// is ever held in a group that is not its own, whatever a process was configured with.
/// </summary>
public static class LockPlacement
{
    /// <summary>
    /// The number of the group: of the lock, else of the session. What names no group at all goes to the
    /// first one, which refuses it.
    /// </summary>
    public static int GroupOf(LockEntryCommand command, int groups) =>
        command.SetNamespaceLimits is { } set ? set.GroupNumber
        : LocksOf(command).FirstOrDefault() is { } name
            ? LockGroups.OfLock(name, groups)
            : LockGroups.OfSession(SessionOf(command), groups) ?? 0;

    internal static LockReply? Refuse(Step step, CommandHead head, LockEntryCommand command) =>
        step.State.Genesis is { } genesis && Problem(genesis, head, command) is { } problem
            ? new LockReply
            {
                LockRefused = new()
                {
                    CommandId = head.CommandId,
                    Reason = problem.Reason,
                    Message = problem.Message,
                    Groups = genesis.Groups,
                    Freshness = step.State.Freshness,
                },
            }
            : null;

    /// <summary>Null for a lock of this group, and for what is no name: it is refused as that.</summary>
    internal static Refusal? CheckLock(Genesis? genesis, string name)
    {
        if (genesis is not { Groups: > 1 } || name.Length > LockValidation.MaxNameBytes)
        {
            return null;
        }
        var number = LockGroups.OfLock(name, genesis.Groups);
        return number == genesis.Number ? null : new(LockRefusal.WrongGroup,
            $"The lock {name} is in group {number} of {genesis.Groups}, and this is {genesis.Number}, "
            + $"{genesis.Group}.");
    }

    /// <summary>What a query names is in this group.</summary>
    internal static Refusal? Check(Genesis? genesis, ReadLockHistory query) =>
        genesis is not { Groups: > 1 } ? null
        : !string.IsNullOrEmpty(query.Name) ? CheckLock(genesis, query.Name)
        : CheckSession(genesis, query.SessionId ?? "");

    private static Refusal? Problem(Genesis genesis, CommandHead head, LockEntryCommand command) =>
        command.SetNamespaceLimits is { } set && set.GroupNumber != genesis.Number
            ? new(LockRefusal.WrongGroup,
                $"The limits are for lock group {set.GroupNumber} of {genesis.Groups}, and this is "
                + $"{genesis.Number}, {genesis.Group}.")
        : genesis.Groups == 1 ? null
        : LocksOf(command).Select(name => CheckLock(genesis, name)).FirstOrDefault(wrong => wrong is not null)
        ?? CheckSession(genesis, head.SessionId);

    private static Refusal? CheckSession(Genesis genesis, string sessionId) =>
        sessionId.Length is 0 or > LockValidation.MaxIdCharacters
        || LockGroups.OfSession(sessionId, genesis.Groups) == genesis.Number
            ? null
            : new(LockRefusal.WrongGroup,
                $"This is lock group {genesis.Number} of {genesis.Groups}, {genesis.Group}: the ids of its "
                + $"sessions begin with '{genesis.Number}:', unlike '{sessionId}'. A lock is in the group "
                + "that its name says.");

    private static IEnumerable<string> LocksOf(LockEntryCommand command) => command switch
    {
        { AcquireLock: { } acquire } => acquire.Names?.Select(name => name ?? "") ?? [acquire.Name ?? ""],
        // Of several names it may name none: the session's group is theirs.
        { ReleaseLock.Name.Length: > 0 } => [command.ReleaseLock.Name],
        { UpgradeLock: { } upgrade } => [upgrade.Name ?? ""],
        { BreakLock: { } breaking } => [breaking.Name ?? ""],
        { Campaign: { } campaign } => [LockGroups.LockOfElection(campaign.Election ?? "")],
        { Resign: { } resign } => [LockGroups.LockOfElection(resign.Election ?? "")],
        { Proclaim: { } proclaim } => [LockGroups.LockOfElection(proclaim.Election ?? "")],
        _ => [],
    };

    private static string SessionOf(LockEntryCommand command) => command switch
    {
        { OpenSession: { } open } => open.SessionId,
        { CloseSession: { } close } => close.SessionId,
        { CancelAcquire: { } cancel } => cancel.SessionId,
        { ReleaseLock: { } release } => release.SessionId,
        _ => null,
    } ?? "";
}

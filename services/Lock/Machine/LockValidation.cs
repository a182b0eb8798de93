using System.Text;
using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// What is wrong with a command whatever the state is; null when nothing is. The machine checks all of it
/// before any change; a service may check before it proposes, to keep nonsense out of the log.
/// </summary>
public static class LockValidation
{
    public const int MaxIdCharacters = 128;
    public const int MaxOwnerCharacters = 256;
    public const int MaxNameBytes = 256;
    public const int MaxElectionBytes = 200;
    public const int MaxValueCharacters = 1_024;
    public const int MaxReasonCharacters = 256;
    public const long MinTtlMilliseconds = 1_000;
    public const long MaxTtlMilliseconds = 86_400_000;
    public const long MaxWaitMilliseconds = 86_400_000;
    public const long MaxLockDelayMilliseconds = 60_000;
    public const int MaxNodeCharacters = 256;
    public const int MaxFlowCharacters = 128;
    public const int MaxNamesAtOnce = 64;
    public const int MaxPermits = 1_000_000;

    /// <summary>255 bytes of a name behind its scheme, or a response address of MassTransit.</summary>
    public const int MaxAddressCharacters = 512;

    public const int MaxRequestIdCharacters = 255;

    /// <summary>In one group.</summary>
    public const int MaxLimitedNamespaces = 1_000;

    /// <summary>Names for the service's own use: no acquire of a lock may begin with it.</summary>
    public const string ReservedPrefix = "muster:";

    public static Refusal? Check(OpenSession open)
    {
        if (CheckIds(open.CommandId, open.SessionId) is { } wrong)
        {
            return wrong;
        }
        if (open.Owner.Length > MaxOwnerCharacters)
        {
            return new(LockRefusal.OwnerInvalid,
                $"The owner has {open.Owner.Length} characters, at most {MaxOwnerCharacters}.");
        }
        if (open.LockDelayMilliseconds is < 0 or > MaxLockDelayMilliseconds)
        {
            return new(LockRefusal.LockDelayOutOfRange,
                $"The lock delay is {open.LockDelayMilliseconds} ms, not 0 to {MaxLockDelayMilliseconds}.");
        }
        if ((open.Node.Length > 0 || open.Incarnation.Length > 0) && !IsNode(open.Node, open.Incarnation))
        {
            return new(LockRefusal.NodeInvalid,
                $"The node has {open.Node.Length} characters and its incarnation {open.Incarnation.Length}; "
                    + $"both have 1 to {MaxNodeCharacters}, or neither has any.");
        }
        return open.TtlMilliseconds is >= MinTtlMilliseconds and <= MaxTtlMilliseconds
            ? null
            : new(LockRefusal.TtlOutOfRange,
                $"The TTL is {open.TtlMilliseconds} ms, not {MinTtlMilliseconds} to {MaxTtlMilliseconds}.");
    }

    public static Refusal? Check(CloseSession close) => CheckIds(close.CommandId, close.SessionId);

    public static Refusal? Check(AcquireLock acquire)
    {
        if ((CheckIds(acquire.CommandId, acquire.SessionId) ?? CheckNamesOf(acquire)) is { } wrong)
        {
            return wrong;
        }
        if (acquire.Flow.Length > MaxFlowCharacters)
        {
            return new(LockRefusal.OwnerInvalid,
                $"The flow has {acquire.Flow.Length} characters, at most {MaxFlowCharacters}.");
        }
        var claim = LockClaim.Of(acquire);
        return claim.Names.Any(name => name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            ? new(LockRefusal.NameInvalid,
                $"The name begins with '{ReservedPrefix}', which is reserved; an election has Campaign.")
            : CheckMode(claim) ?? CheckWait(acquire.WaitMilliseconds);
    }

    public static Refusal? Check(UpgradeLock upgrade) =>
        CheckIds(upgrade.CommandId, upgrade.SessionId)
        ?? CheckName(upgrade.Name)
        ?? CheckCommandId("acquire id", upgrade.AcquireId)
        ?? CheckWait(upgrade.WaitMilliseconds);

    public static Refusal? Check(Campaign campaign)
    {
        if ((CheckIds(campaign.CommandId, campaign.SessionId)
            ?? CheckElection(campaign.Election)) is { } wrong)
        {
            return wrong;
        }
        return CheckValue(campaign.Value) ?? CheckWait(campaign.WaitMilliseconds);
    }

    public static Refusal? Check(Resign resign) =>
        CheckIds(resign.CommandId, resign.SessionId)
        ?? CheckElection(resign.Election)
        ?? CheckCommandId("campaign id", resign.CampaignId);

    public static Refusal? Check(Proclaim proclaim) =>
        CheckIds(proclaim.CommandId, proclaim.SessionId)
        ?? CheckElection(proclaim.Election)
        ?? CheckCommandId("campaign id", proclaim.CampaignId)
        ?? CheckValue(proclaim.Value);

    public static Refusal? Check(BreakLock breaking)
    {
        if ((CheckCommandId("command id", breaking.CommandId) ?? CheckName(breaking.Name)) is { } wrong)
        {
            return wrong;
        }
        if (breaking.ExpectedSession.Length > MaxIdCharacters)
        {
            return new(LockRefusal.SessionIdInvalid,
                $"The expected session's id has {breaking.ExpectedSession.Length} characters, "
                    + $"at most {MaxIdCharacters}.");
        }
        return breaking.Reason.Length > MaxReasonCharacters
            ? new(LockRefusal.OwnerInvalid,
                $"The reason has {breaking.Reason.Length} characters, at most {MaxReasonCharacters}.")
            : null;
    }

    public static Refusal? Check(SetNamespaceLimits set)
    {
        if ((CheckCommandId("command id", set.CommandId)
            ?? (set.Namespace.Length == 0 ? null : CheckNamespace(set.Namespace))) is { } wrong)
        {
            return wrong;
        }
        var (locks, acquires, waiting) =
            (set.Limits.MaxLocks, set.Limits.MaxAcquires, set.Limits.MaxWaiting);
        return Math.Min(Math.Min(locks, acquires), waiting) >= 0
            ? null
            : new(LockRefusal.LimitReached,
                $"The limits are {locks}, {acquires} and {waiting}; none is negative, 0 is none.");
    }

    public static Refusal? Check(DescribeNamespaces query)
    {
        if (query.Limit is < 1 or > LockMachine.MaxListedLocks)
        {
            return new(LockRefusal.LimitReached,
                $"A page has 1 to {LockMachine.MaxListedLocks} namespaces, not {query.Limit}.");
        }
        return query.After is { Length: > MaxNameBytes }
            ? new(LockRefusal.NameInvalid, $"No namespace has more than {MaxNameBytes} bytes of UTF-8.")
            : null;
    }

    public static Refusal? Check(CancelAcquire cancel) =>
        CheckIds(cancel.CommandId, cancel.SessionId) ?? CheckCommandId("acquire id", cancel.AcquireId);

    public static Refusal? Check(ReleaseLock release) =>
        CheckIds(release.CommandId, release.SessionId)
        ?? (release.Name.Length == 0 ? null : CheckName(release.Name))
        ?? CheckCommandId("acquire id", release.AcquireId);

    public static Refusal? Check(ListLocks query)
    {
        if (query.Limit is < 1 or > LockMachine.MaxListedLocks)
        {
            return new(LockRefusal.LimitReached,
                $"A page has 1 to {LockMachine.MaxListedLocks} locks, not {query.Limit}.");
        }
        return query.Prefix.Length > MaxNameBytes || query.After.Length > MaxNameBytes
            ? new(LockRefusal.NameInvalid, $"No name has more than {MaxNameBytes} bytes of UTF-8.")
            : null;
    }

    public static Refusal? Check(ReadLockHistory query)
    {
        if (query.Limit is < 1 or > LockMachine.MaxReadHistory)
        {
            return new(LockRefusal.LimitReached,
                $"A page has 1 to {LockMachine.MaxReadHistory} entries, not {query.Limit}.");
        }
        if (query.SessionId is { Length: > MaxIdCharacters } id)
        {
            return new(LockRefusal.SessionIdInvalid,
                $"The session id has {id.Length} characters, at most {MaxIdCharacters}.");
        }
        return string.IsNullOrEmpty(query.Name) ? null : CheckName(query.Name);
    }

    /// <summary>One name, or several that are all different.</summary>
    internal static Refusal? CheckNames(IReadOnlyList<string> names)
    {
        if (names.Count is < 1 or > MaxNamesAtOnce)
        {
            return new(LockRefusal.NameInvalid, $"{names.Count} names at once, not 1 to {MaxNamesAtOnce}.");
        }
        if (names.Select(CheckName).FirstOrDefault(wrong => wrong is not null) is { } first)
        {
            return first;
        }
        return names.Distinct(StringComparer.Ordinal).Count() == names.Count
            ? null
            : new(LockRefusal.NameInvalid, "Two of the names are the same.");
    }

    internal static Refusal? CheckMode(LockClaim claim)
    {
        if (!Enum.IsDefined(claim.Mode))
        {
            return new(LockRefusal.ModeInvalid, $"There is no mode {claim.Mode}.");
        }
        if (claim.Names.Count > 1 && claim.Mode is not (LockMode.Exclusive or LockMode.Shared))
        {
            return new(LockRefusal.ModeInvalid,
                $"Several names are held exclusively or shared, not in mode {claim.Mode}.");
        }
        if (claim.Mode != LockMode.Permits)
        {
            return null;
        }
        return claim.MaxPermits is >= 1 and <= MaxPermits
            && claim.Permits >= 1 && claim.Permits <= claim.MaxPermits
            ? null
            : new(LockRefusal.ModeInvalid,
                $"{claim.Permits} of {claim.MaxPermits} permits; at least 1, at most {MaxPermits}.");
    }

    /// <summary>
    /// The address that a wait keeps; null: none. Any bus user writes it, and a monster would be in the state
    /// as long as the wait; nothing can be sent to one.
    /// </summary>
    internal static ReplyAddress? Usable(ReplyAddress? address) =>
        address is { Address.Length: <= MaxAddressCharacters, RequestId.Length: <= MaxRequestIdCharacters }
            ? address
            : null;

    /// <summary>An incarnation of a node, as heartbeats name it.</summary>
    internal static bool IsNode(string? node, string? incarnation) =>
        node?.Length is >= 1 and <= MaxNodeCharacters
        && incarnation?.Length is >= 1 and <= MaxNodeCharacters;

    public static Refusal? CheckName(string name) => CheckName("name", name, MaxNameBytes);

    public static Refusal? CheckElection(string election) =>
        CheckName("election", election, MaxElectionBytes);

    private static Refusal? CheckValue(string value) => value.Length > MaxValueCharacters
        ? new(LockRefusal.OwnerInvalid,
            $"The value has {value.Length} characters, at most {MaxValueCharacters}.")
        : null;

    private static Refusal? CheckNamespace(string name) =>
        CheckName("namespace", name, MaxNameBytes)
        ?? (name.Contains('/', StringComparison.Ordinal)
            ? new(LockRefusal.NameInvalid, $"The namespace {name} has a '/', which ends it.")
            : null);

    private static Refusal? CheckName(string what, string name, int most)
    {
        if (string.IsNullOrEmpty(name))
        {
            return new(LockRefusal.NameInvalid, $"The {what} is empty; it has 1 to {most} bytes of UTF-8.");
        }
        // A character is a byte at least: a monster need not be walked to be refused.
        if (name.Length > most)
        {
            return new(LockRefusal.NameInvalid,
                $"The {what} has {name.Length} characters; at most {most} bytes of UTF-8.");
        }
        var bytes = 0;
        for (var position = 0; position < name.Length;)
        {
            if (!Rune.TryGetRuneAt(name, position, out var rune) || Rune.IsControl(rune))
            {
                return new(LockRefusal.NameInvalid,
                    $"The {what} has U+{(int)name[position]:X4} at {position}: "
                        + "a control or half a character.");
            }
            bytes += rune.Utf8SequenceLength;
            position += rune.Utf16SequenceLength;
        }
        return bytes <= most
            ? null
            : new(LockRefusal.NameInvalid, $"The {what} has {bytes} bytes of UTF-8, at most {most}.");
    }

    private static Refusal? CheckNamesOf(AcquireLock acquire)
    {
        if (acquire.Names is not { } several)
        {
            return CheckName(acquire.Name);
        }
        return acquire.Name.Length > 0
            ? new(LockRefusal.NameInvalid, "The acquire has a name and several names; it takes one of both.")
            : CheckNames(several);
    }

    private static Refusal? CheckWait(long milliseconds) =>
        milliseconds is >= 0 and <= MaxWaitMilliseconds
            ? null
            : new(LockRefusal.WaitOutOfRange,
                $"The wait is {milliseconds} ms, not 0 to {MaxWaitMilliseconds} ms.");

    private static Refusal? CheckIds(string commandId, string sessionId) =>
        CheckCommandId("command id", commandId)
        ?? CheckId("session id", sessionId, LockRefusal.SessionIdInvalid);

    private static Refusal? CheckCommandId(string what, string id) =>
        CheckId(what, id, LockRefusal.CommandIdInvalid);

    private static Refusal? CheckId(string what, string id, LockRefusal reason) =>
        id.Length is > 0 and <= MaxIdCharacters
            ? null
            : new(reason, $"The {what} has {id.Length} characters, not 1 to {MaxIdCharacters}.");
}

/// <summary>A reason and one sentence with the value and the limit.</summary>
public readonly record struct Refusal(LockRefusal Reason, string Message);

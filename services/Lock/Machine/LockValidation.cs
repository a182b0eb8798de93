using System.Text;
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
        return open.TtlMilliseconds is >= MinTtlMilliseconds and <= MaxTtlMilliseconds
            ? null
            : new(LockRefusal.TtlOutOfRange,
                $"The TTL is {open.TtlMilliseconds} ms, not {MinTtlMilliseconds} to {MaxTtlMilliseconds}.");
    }

    public static Refusal? Check(CloseSession close) => CheckIds(close.CommandId, close.SessionId);

    public static Refusal? Check(AcquireLock acquire)
    {
        if ((CheckIds(acquire.CommandId, acquire.SessionId) ?? CheckName(acquire.Name)) is { } wrong)
        {
            return wrong;
        }
        return acquire.Name.StartsWith(ReservedPrefix, StringComparison.Ordinal)
            ? new(LockRefusal.NameInvalid,
                $"The name begins with '{ReservedPrefix}', which is reserved; an election has Campaign.")
            : CheckWait(acquire.WaitMilliseconds);
    }

    public static Refusal? Check(Campaign campaign)
    {
        if ((CheckIds(campaign.CommandId, campaign.SessionId)
            ?? CheckElection(campaign.Election)) is { } wrong)
        {
            return wrong;
        }
        return campaign.Value.Length > MaxValueCharacters
            ? new(LockRefusal.OwnerInvalid,
                $"The value has {campaign.Value.Length} characters, at most {MaxValueCharacters}.")
            : CheckWait(campaign.WaitMilliseconds);
    }

    public static Refusal? Check(Resign resign) =>
        CheckIds(resign.CommandId, resign.SessionId)
        ?? CheckElection(resign.Election)
        ?? CheckCommandId("campaign id", resign.CampaignId);

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

    public static Refusal? Check(CancelAcquire cancel) =>
        CheckIds(cancel.CommandId, cancel.SessionId) ?? CheckCommandId("acquire id", cancel.AcquireId);

    public static Refusal? Check(ReleaseLock release) =>
        CheckIds(release.CommandId, release.SessionId)
        ?? CheckName(release.Name)
        ?? CheckCommandId("acquire id", release.AcquireId);

    public static Refusal? CheckName(string name) => CheckName("name", name, MaxNameBytes);

    public static Refusal? CheckElection(string election) =>
        CheckName("election", election, MaxElectionBytes);

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

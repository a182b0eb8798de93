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
    public const long MinTtlMilliseconds = 1_000;
    public const long MaxTtlMilliseconds = 86_400_000;
    public const long MaxWaitMilliseconds = 86_400_000;

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
        return acquire.WaitMilliseconds is >= 0 and <= MaxWaitMilliseconds
            ? null
            : new(LockRefusal.WaitOutOfRange,
                $"The wait is {acquire.WaitMilliseconds} ms, not 0 to {MaxWaitMilliseconds} ms.");
    }

    public static Refusal? Check(CancelAcquire cancel) =>
        CheckIds(cancel.CommandId, cancel.SessionId) ?? CheckCommandId("acquire id", cancel.AcquireId);

    public static Refusal? Check(ReleaseLock release) =>
        CheckIds(release.CommandId, release.SessionId)
        ?? CheckName(release.Name)
        ?? CheckCommandId("acquire id", release.AcquireId);

    public static Refusal? CheckName(string name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return new(LockRefusal.NameInvalid,
                $"The name is empty; it has 1 to {MaxNameBytes} bytes of UTF-8.");
        }
        // A character is a byte at least: a monster need not be walked to be refused.
        if (name.Length > MaxNameBytes)
        {
            return new(LockRefusal.NameInvalid,
                $"The name has {name.Length} characters; at most {MaxNameBytes} bytes of UTF-8.");
        }
        var bytes = 0;
        for (var position = 0; position < name.Length;)
        {
            if (!Rune.TryGetRuneAt(name, position, out var rune) || Rune.IsControl(rune))
            {
                return new(LockRefusal.NameInvalid,
                    $"The name has U+{(int)name[position]:X4} at {position}: a control or half a character.");
            }
            bytes += rune.Utf8SequenceLength;
            position += rune.Utf16SequenceLength;
        }
        return bytes <= MaxNameBytes
            ? null
            : new(LockRefusal.NameInvalid, $"The name has {bytes} bytes of UTF-8, at most {MaxNameBytes}.");
    }

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

using System.Text;
using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// What is wrong with a command whatever the state is; null when nothing is. The machine checks all of it
/// before any change.
/// </summary>
public static class RecoveryValidation
{
    public const int MaxIdCharacters = 128;
    public const int MaxLockBytes = 256;
    public const long MinVerifyMilliseconds = 500;
    public const long MaxVerifyMilliseconds = 600_000;

    public static Refusal? Check(RegisterPolicy policy)
    {
        if ((CheckCommandId(policy.CommandId) ?? CheckName("group", policy.Group)
            ?? CheckLock(policy.Lock)) is { } wrong)
        {
            return wrong;
        }
        return policy.VerifyMilliseconds is >= MinVerifyMilliseconds and <= MaxVerifyMilliseconds
            ? null
            : Invalid($"VerifyMilliseconds is {policy.VerifyMilliseconds}, "
                + $"not {MinVerifyMilliseconds} to {MaxVerifyMilliseconds}.");
    }

    public static Refusal? Check(RegisterStandby register)
    {
        if ((CheckMember(register.CommandId, register.Group, register.Member)
            ?? CheckText("node", register.Node) ?? CheckText("incarnation", register.Incarnation)
            ?? CheckText("session id", register.SessionId)
            ?? CheckText("membership", register.Membership)) is { } wrong)
        {
            return wrong;
        }
        return register.StateVersion >= 0
            ? null
            : Invalid($"StateVersion is {register.StateVersion}, not 0 or more.");
    }

    public static Refusal? Check(WithdrawStandby withdraw) =>
        CheckMember(withdraw.CommandId, withdraw.Group, withdraw.Member)
        ?? CheckText("membership", withdraw.Membership);

    public static Refusal? Check(PromoteStandby promote) =>
        CheckCommandId(promote.CommandId) ?? CheckName("group", promote.Group)
        ?? (promote.Member.Length == 0 ? null : CheckName("member", promote.Member));

    public static Refusal? Check(ConfirmPromotion confirm) =>
        CheckMember(confirm.CommandId, confirm.Group, confirm.Member);

    public static Refusal? Check(RemoveGroup remove) =>
        CheckCommandId(remove.CommandId) ?? CheckName("group", remove.Group);

    public static Refusal? Check(UpdateState update, int maxStateBytes)
    {
        if (CheckMember(update.CommandId, update.Group, update.Member) is { } wrong)
        {
            return wrong;
        }
        return update.State.Length <= maxStateBytes
            ? null
            : Invalid($"The state has {update.State.Length} bytes, at most {maxStateBytes}.");
    }

    public static Refusal? CheckName(string what, string name)
    {
        if (name.Length is 0 or > MaxIdCharacters)
        {
            return Invalid($"The {what} has {name.Length} characters, not 1 to {MaxIdCharacters}.");
        }
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? null
            : Invalid($"The {what} '{name}' has other characters than a-z, A-Z, 0-9, dot, hyphen "
                + "and underscore.");
    }

    private static Refusal? CheckMember(string commandId, string group, string member) =>
        CheckCommandId(commandId) ?? CheckName("group", group) ?? CheckName("member", member);

    private static Refusal? CheckCommandId(string id) =>
        id.Length is > 0 and <= MaxIdCharacters
            ? null
            : new(RecoveryRefusal.CommandIdInvalid,
                $"The command id has {id.Length} characters, not 1 to {MaxIdCharacters}.");

    /// <summary>May be empty: then it is never matched.</summary>
    private static Refusal? CheckText(string what, string text) =>
        text.Length <= MaxIdCharacters && !text.Any(char.IsControl)
            ? null
            : Invalid($"The {what} has {text.Length} characters, at most {MaxIdCharacters}, "
                + "or a control character.");

    /// <summary>As the lock service takes names: one that it refuses could never be fenced.</summary>
    private static Refusal? CheckLock(string name)
    {
        if (name.Length > MaxLockBytes)
        {
            return Invalid($"The lock's name has {name.Length} characters; at most {MaxLockBytes} bytes.");
        }
        var bytes = 0;
        for (var position = 0; position < name.Length;)
        {
            if (!Rune.TryGetRuneAt(name, position, out var rune) || Rune.IsControl(rune))
            {
                return Invalid($"The lock's name has U+{(int)name[position]:X4} at {position}: "
                    + "a control or half a character.");
            }
            bytes += rune.Utf8SequenceLength;
            position += rune.Utf16SequenceLength;
        }
        return bytes <= MaxLockBytes
            ? null
            : Invalid($"The lock's name has {bytes} bytes of UTF-8, at most {MaxLockBytes}.");
    }

    private static Refusal Invalid(string message) => new(RecoveryRefusal.ArgumentInvalid, message);
}

/// <summary>A reason and one sentence with the value and the limit.</summary>
public readonly record struct Refusal(RecoveryRefusal Reason, string Message);

using System.Text;
using Muster.Contracts.Decisions;

namespace Muster.Decisions.Machine;

/// <summary>What is wrong with a command whatever is decided; null when nothing is.</summary>
internal static class DecisionValidation
{
    public static Refusal? Check(ProposeValue propose, DecisionLimits limits) =>
        CheckCommandId(propose.CommandId)
        ?? CheckKey(propose.Key, limits)
        ?? CheckSize(
            "value", propose.Value, limits.MaxValueBytes, Encoding.UTF8.GetByteCount, "bytes of UTF-8")
        ?? CheckSize(
            "proposer", propose.Proposer, DecisionLimits.MostProposerCharacters, text => text.Length,
            "characters");

    public static Refusal? CheckCommandId(string id) =>
        id.Length is > 0 and <= DecisionLimits.MostIdCharacters ? null
            : new(DecisionRefusal.CommandIdInvalid,
                $"The command id has {id.Length} characters, not 1 to {DecisionLimits.MostIdCharacters}.");

    public static Refusal? CheckKey(string key, DecisionLimits limits)
    {
        // A character is a byte at least: a monster need not be walked to be refused.
        if (key.Length == 0 || key.Length > limits.MaxKeyBytes
            || Encoding.UTF8.GetByteCount(key) > limits.MaxKeyBytes)
        {
            return new(DecisionRefusal.KeyInvalid,
                $"The key has {key.Length} characters; 1 to {limits.MaxKeyBytes} bytes of UTF-8.");
        }
        foreach (var one in key)
        {
            if (char.IsControl(one))
            {
                return new(DecisionRefusal.KeyInvalid, $"The key has the control character U+{(int)one:X4}.");
            }
        }
        return null;
    }

    public static Refusal? CheckLimit(int limit) => limit is >= 1 and <= DecisionsMachine.MaxListed ? null
        : new(DecisionRefusal.QueryInvalid, $"The limit is {limit}, not 1 to {DecisionsMachine.MaxListed}.");

    private static Refusal? CheckSize(
        string what, string text, int most, Func<string, int> sizeOf, string unit) =>
        text.Length <= most && sizeOf(text) <= most ? null : new(DecisionRefusal.ValueInvalid,
            $"The {what} has {text.Length} characters; at most {most} {unit}.");
}

/// <summary>A reason and one sentence with the value and the limit.</summary>
internal readonly record struct Refusal(DecisionRefusal Reason, string Message);

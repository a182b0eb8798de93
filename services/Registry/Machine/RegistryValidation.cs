using System.Text;
using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>
/// What is wrong with a command whatever the state is; null when nothing is. The machine checks all of it
/// before any change.
/// </summary>
public static class RegistryValidation
{
    public const int MaxIdCharacters = 128;
    public const int MaxSchemeCharacters = 32;
    public const int MaxHostCharacters = 255;
    public const int MaxNodeCharacters = 256;
    public const int MaxPort = 65_535;
    public const int MaxWeight = 10_000;
    public const int MaxTags = 64;
    public const int MaxMetadataKeys = 64;
    public const int MaxMetadataBytes = 8 * 1024;
    public const int MaxKeyBytes = 512;
    public const int MaxValueBytes = 256 * 1024;
    public const long MinTtlMilliseconds = 1_000;
    public const long MaxTtlMilliseconds = 86_400_000;

    public static Refusal? Check(RegisterInstance register) =>
        CheckCommandId(register.CommandId)
        ?? CheckName("service", register.Service, allowsColon: false)
        ?? CheckName("instance id", register.InstanceId, allowsColon: true)
        ?? CheckText("lease id", register.LeaseId, 1, MaxIdCharacters)
        ?? CheckText("scheme", register.Scheme, 0, MaxSchemeCharacters)
        ?? CheckText("host", register.Host, 1, MaxHostCharacters)
        ?? CheckText("zone", register.Zone, 0, MaxIdCharacters)
        ?? CheckText("node", register.Node, 0, MaxNodeCharacters)
        ?? CheckRange("port", register.Port, MaxPort)
        ?? CheckRange("weight", register.Weight, MaxWeight)
        ?? CheckTags(register.Tags)
        ?? CheckMetadata(register.Metadata)
        ?? CheckTtl(register.TtlMilliseconds);

    public static Refusal? Check(DeregisterInstance deregister) => CheckInstance(
        deregister.CommandId, deregister.Service, deregister.InstanceId, deregister.LeaseId);

    public static Refusal? Check(DrainInstance drain) =>
        CheckInstance(drain.CommandId, drain.Service, drain.InstanceId, drain.LeaseId);

    public static Refusal? Check(PutConfig put) =>
        CheckCommandId(put.CommandId)
        ?? CheckKey(put.Key)
        ?? CheckExpected(put.ExpectedVersion)
        ?? CheckValue(put.Value);

    public static Refusal? Check(DeleteConfig delete) =>
        CheckCommandId(delete.CommandId) ?? CheckKey(delete.Key) ?? CheckExpected(delete.ExpectedVersion);

    public static Refusal? CheckService(string service) =>
        CheckName("service", service, allowsColon: false);

    public static Refusal? CheckKey(string key)
    {
        if (key.Length is 0 or > MaxKeyBytes || SizeOf.Text(key) > MaxKeyBytes)
        {
            return new(RegistryRefusal.ConfigInvalid,
                $"The key has {key.Length} characters; 1 to {MaxKeyBytes} bytes of UTF-8.");
        }
        return PositionOfBadCharacter(key, allowsControls: false) is { } bad
            ? new(RegistryRefusal.ConfigInvalid,
                $"The key has U+{(int)key[bad]:X4} at {bad}: a control or half a character.")
            : null;
    }

    public static Refusal? CheckCommandId(string id) =>
        id.Length is > 0 and <= MaxIdCharacters ? null : new(RegistryRefusal.CommandIdInvalid,
            $"The command id has {id.Length} characters, not 1 to {MaxIdCharacters}.");

    private static Refusal? CheckInstance(string commandId, string service, string instance, string lease) =>
        CheckCommandId(commandId)
        ?? CheckName("service", service, allowsColon: false)
        ?? CheckName("instance id", instance, allowsColon: true)
        ?? CheckText("lease id", lease, 0, MaxIdCharacters);

    private static Refusal? CheckName(string what, string name, bool allowsColon)
    {
        if (name.Length is 0 or > MaxIdCharacters)
        {
            return Invalid($"The {what} has {name.Length} characters, not 1 to {MaxIdCharacters}.");
        }
        foreach (var one in name)
        {
            if (!char.IsAsciiLetterOrDigit(one) && one is not ('.' or '-' or '_')
                && !(allowsColon && one == ':'))
            {
                return Invalid($"The {what} has U+{(int)one:X4}; it is made of a-z, A-Z, 0-9, dot, hyphen, "
                    + (allowsColon ? "underscore and colon." : "and underscore."));
            }
        }
        return null;
    }

    private static Refusal? CheckText(string what, string text, int least, int most)
    {
        if (text.Length < least || text.Length > most)
        {
            return Invalid($"The {what} has {text.Length} characters, not {least} to {most}.");
        }
        return PositionOfBadCharacter(text, allowsControls: false) is { } bad
            ? Invalid($"The {what} has U+{(int)text[bad]:X4} at {bad}: a control or half a character.")
            : null;
    }

    private static Refusal? CheckRange(string what, int value, int most) =>
        value >= 0 && value <= most ? null : Invalid($"The {what} is {value}, not 0 to {most}.");

    private static Refusal? CheckTags(IReadOnlyList<string> tags)
    {
        if (tags.Count > MaxTags)
        {
            return Invalid($"It has {tags.Count} tags, at most {MaxTags}.");
        }
        foreach (var tag in tags)
        {
            if (CheckText("tag", tag, 1, MaxIdCharacters) is { } wrong)
            {
                return wrong;
            }
        }
        return null;
    }

    private static Refusal? CheckMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count > MaxMetadataKeys)
        {
            return Invalid($"The metadata has {metadata.Count} keys, at most {MaxMetadataKeys}.");
        }
        var bytes = 0L;
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (key.Length == 0 || PositionOfBadCharacter(key, allowsControls: false) is not null
                || PositionOfBadCharacter(value, allowsControls: true) is not null)
            {
                return Invalid("The metadata has an empty key, or a key with a control character, "
                    + "or half a character.");
            }
            bytes += SizeOf.Text(key) + SizeOf.Text(value);
        }
        return bytes <= MaxMetadataBytes ? null
            : Invalid($"The metadata has {bytes} bytes of UTF-8, at most {MaxMetadataBytes}.");
    }

    private static Refusal? CheckTtl(long ttl) =>
        ttl is >= MinTtlMilliseconds and <= MaxTtlMilliseconds ? null : new(RegistryRefusal.TtlOutOfRange,
            $"The TTL is {ttl} ms, not {MinTtlMilliseconds} to {MaxTtlMilliseconds}.");

    private static Refusal? CheckValue(string value)
    {
        // A character is a byte at least: a monster need not be walked to be refused.
        if (value.Length > MaxValueBytes || SizeOf.Text(value) > MaxValueBytes)
        {
            return new(RegistryRefusal.ConfigInvalid,
                $"The value has {value.Length} characters; at most {MaxValueBytes} bytes of UTF-8.");
        }
        return PositionOfBadCharacter(value, allowsControls: true) is { } bad
            ? new(RegistryRefusal.ConfigInvalid, $"The value has half a character at {bad}.")
            : null;
    }

    private static Refusal? CheckExpected(long? version) =>
        version is null or >= 0 ? null : new(RegistryRefusal.ConfigInvalid,
            $"The expected version is {version}; versions count from 1, and 0 is no key.");

    private static int? PositionOfBadCharacter(string text, bool allowsControls)
    {
        for (var position = 0; position < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, position, out var rune)
                || (!allowsControls && Rune.IsControl(rune)))
            {
                return position;
            }
            position += rune.Utf16SequenceLength;
        }
        return null;
    }

    private static Refusal Invalid(string message) => new(RegistryRefusal.InstanceInvalid, message);
}

/// <summary>A reason and one sentence with the value and the limit.</summary>
public readonly record struct Refusal(RegistryRefusal Reason, string Message);

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Recovery.Machine;

/// <summary>
/// Entries to and from bytes. What it cannot read stops the replica: an unknown command must never be
/// skipped.
/// </summary>
public static class RecoveryEntryCodec
{
    /// <exception cref="ArgumentException">A command of no kind, of two kinds, or a genesis that is out of
    /// range.</exception>
    public static byte[] Write(RecoveryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        foreach (var command in entry.Commands)
        {
            if (!command.HasOneKind || command.Group?.Genesis is { IsValid: false })
            {
                throw new ArgumentException($"Not one valid command: {command}", nameof(entry));
            }
        }
        return JsonSerializer.SerializeToUtf8Bytes(entry, RecoveryEntryJson.Default.RecoveryEntry);
    }

    /// <exception cref="FormatException">Not an entry, of an unknown version, or with a command that is not
    /// of one known kind.</exception>
    public static RecoveryEntry Read(ReadOnlySpan<byte> body)
    {
        RecoveryEntry? entry;
        try
        {
            entry = JsonSerializer.Deserialize(body, RecoveryEntryJson.Default.RecoveryEntry);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"The body is not a recovery entry: {malformed.Message}", malformed);
        }
        if (entry is not { Version: RecoveryEntry.CurrentVersion, Commands: not null })
        {
            throw new FormatException($"A recovery entry of version {entry?.Version}; "
                + $"this build knows {RecoveryEntry.CurrentVersion}.");
        }
        if (entry.Commands.Any(command => command is not { HasOneKind: true }))
        {
            throw new FormatException(
                "A command of a recovery entry is not of one kind that this build knows.");
        }
        return entry with { Commands = [.. entry.Commands.Select(NullFields.Fill)] };
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RecoveryEntry))]
internal sealed partial class RecoveryEntryJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Decisions.Machine;

/// <summary>
/// Entries to and from bytes. What it cannot read stops the replica: an unknown command must never be
/// skipped.
/// </summary>
public static class DecisionEntryCodec
{
    /// <exception cref="ArgumentException">A command of no kind, of two kinds, or a genesis that is
    /// out of range.</exception>
    public static byte[] Write(DecisionEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        foreach (var command in entry.Commands)
        {
            if (!command.HasOneKind || command.Genesis is { IsValid: false })
            {
                throw new ArgumentException($"Not one valid command: {command}", nameof(entry));
            }
        }
        return JsonSerializer.SerializeToUtf8Bytes(entry, DecisionEntryJson.Default.DecisionEntry);
    }

    /// <exception cref="FormatException">Not an entry, of an unknown version, or with a command that is not
    /// of one known kind.</exception>
    public static DecisionEntry Read(ReadOnlySpan<byte> body)
    {
        DecisionEntry? entry;
        try
        {
            entry = JsonSerializer.Deserialize(body, DecisionEntryJson.Default.DecisionEntry);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"The body is not a decisions entry: {malformed.Message}", malformed);
        }
        if (entry is not { Version: DecisionEntry.CurrentVersion, Commands: not null })
        {
            throw new FormatException(
                $"A decisions entry of version {entry?.Version}; "
                + $"this build knows {DecisionEntry.CurrentVersion}.");
        }
        if (entry.Commands.Any(command => command is not { HasOneKind: true }))
        {
            throw new FormatException(
                "A command of a decisions entry is not of one kind that this build knows.");
        }
        return entry with { Commands = [.. entry.Commands.Select(NullFields.Fill)] };
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DecisionEntry))]
internal sealed partial class DecisionEntryJson : JsonSerializerContext;

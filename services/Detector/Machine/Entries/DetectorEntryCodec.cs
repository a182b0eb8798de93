using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Detector.Machine;

/// <summary>
/// Entries to and from bytes. What it cannot read stops the replica: an unknown command must never be
/// skipped.
/// </summary>
public static class DetectorEntryCodec
{
    /// <exception cref="ArgumentException">A command of no kind, of two kinds, or one that is out of
    /// range.</exception>
    public static byte[] Write(DetectorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        foreach (var command in entry.Commands)
        {
            if (!command.HasOneKind
                || command.Genesis is { IsValid: false } || command.Vote is { IsValid: false })
            {
                throw new ArgumentException($"Not one valid command: {command}", nameof(entry));
            }
        }
        return JsonSerializer.SerializeToUtf8Bytes(entry, DetectorEntryJson.Default.DetectorEntry);
    }

    /// <exception cref="FormatException">Not an entry, of an unknown version, or with a command that is not
    /// of one known kind.</exception>
    public static DetectorEntry Read(ReadOnlySpan<byte> body)
    {
        DetectorEntry? entry;
        try
        {
            entry = JsonSerializer.Deserialize(body, DetectorEntryJson.Default.DetectorEntry);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"The body is not a detector entry: {malformed.Message}", malformed);
        }
        if (entry is not { Version: DetectorEntry.CurrentVersion, Commands: not null })
        {
            throw new FormatException(
                $"A detector entry of version {entry?.Version}; "
                + $"this build knows {DetectorEntry.CurrentVersion}.");
        }
        if (entry.Commands.Any(command => command is not { HasOneKind: true }))
        {
            throw new FormatException(
                "A command of a detector entry is not of one kind that this build knows.");
        }
        return entry with { Commands = [.. entry.Commands.Select(NullFields.Fill)] };
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DetectorEntry))]
internal sealed partial class DetectorEntryJson : JsonSerializerContext;

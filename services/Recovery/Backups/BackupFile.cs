using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Backups;

/// <summary>What a backup file says of itself.</summary>
public sealed record BackupHeader
{
    public const int CurrentFormat = 1;

    public int Format { get; init; }

    public string Cluster { get; init; } = "";

    /// <summary>The command that wrote it, for its repeats.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The groups that were asked for and could not be had.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>In the order of the states behind the header.</summary>
    public IReadOnlyList<GroupBackup> Groups { get; init; } = [];
}

/// <summary>One group's state in a backup.</summary>
public sealed record SavedState(GroupBackup Summary, byte[] State);

/// <summary>A backup that is not what it was written as.</summary>
public sealed class BackupDamagedException(string message) : Exception(message);

/// <summary>
/// The bytes of a backup: a line of JSON (<see cref="BackupHeader"/>), a line with its SHA-256 in lower-case
/// hex, then the states one after the other, whose lengths and SHA-256 the header has. So every byte is
/// covered, and a reader finds a damaged one before it uses any.
/// </summary>
public static class BackupFile
{
    public const int MaxGroups = 64;
    public const int MaxHeaderBytes = 64 * 1024;

    /// <summary>What a file of this format may have at most.</summary>
    public const long MaxBytes = MaxHeaderBytes + ChecksumLine + (MaxGroups * (long)MaxStateBytes);

    private const int MaxStateBytes = StateRestoration.MaxStateBytes;
    private const int ChecksumCharacters = 2 * SHA256.HashSizeInBytes;
    private const int ChecksumLine = ChecksumCharacters + 1;

    /// <param name="about">Whose it is, and what is missing in it.</param>
    /// <param name="states">Its groups' states.</param>
    public static byte[] Write(BackupHeader about, IReadOnlyList<SavedState> states)
    {
        ArgumentNullException.ThrowIfNull(about);
        ArgumentNullException.ThrowIfNull(states);
        var header = about with
        {
            Format = BackupHeader.CurrentFormat,
            Groups = [.. states.Select(state => state.Summary)],
        };
        var line = JsonSerializer.SerializeToUtf8Bytes(header, BackupJson.Default.BackupHeader);
        using var bytes = new MemoryStream();
        bytes.Write(line);
        bytes.WriteByte((byte)'\n');
        bytes.Write(Encoding.ASCII.GetBytes(StateRestoration.ChecksumOf(line)));
        bytes.WriteByte((byte)'\n');
        foreach (var state in states)
        {
            bytes.Write(state.State);
        }
        return bytes.ToArray();
    }

    /// <summary>Verifies the whole file before it gives anything of it.</summary>
    /// <exception cref="BackupDamagedException">A byte is not what was written.</exception>
    public static IReadOnlyList<SavedState> Read(ReadOnlySpan<byte> bytes)
    {
        var (header, rest) = ReadHeader(bytes);
        var states = new List<SavedState>();
        foreach (var group in header.Groups)
        {
            if (group.Bytes < 0 || group.Bytes > rest.Length)
            {
                throw new BackupDamagedException(
                    $"The state of {group.Group} has {group.Bytes} bytes, and {rest.Length} are left.");
            }
            var state = rest[..(int)group.Bytes];
            if (StateRestoration.ChecksumOf(state) is var checksum && checksum != group.Checksum)
            {
                throw new BackupDamagedException(
                    $"The SHA-256 of the state of {group.Group} is {checksum}, not {group.Checksum}.");
            }
            states.Add(new(group, state.ToArray()));
            rest = rest[(int)group.Bytes..];
        }
        return rest.IsEmpty
            ? states
            : throw new BackupDamagedException($"{rest.Length} bytes follow the last state.");
    }

    /// <summary>The header alone, verified; the states may be damaged, or not read at all.</summary>
    /// <exception cref="BackupDamagedException">A byte of the header is not what was written.</exception>
    public static BackupHeader ReadHeaderOnly(ReadOnlySpan<byte> bytes)
    {
        var (header, _) = ReadHeader(bytes);
        return header;
    }

    private static HeaderAndRest ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var end = bytes[..Math.Min(bytes.Length, MaxHeaderBytes)].IndexOf((byte)'\n');
        if (end < 0 || bytes.Length < end + 1 + ChecksumLine || bytes[end + ChecksumLine] != (byte)'\n')
        {
            throw new BackupDamagedException("It does not begin with a header and its checksum.");
        }
        var line = bytes[..end];
        var checksum = Encoding.ASCII.GetBytes(StateRestoration.ChecksumOf(line));
        if (!bytes.Slice(end + 1, ChecksumCharacters).SequenceEqual(checksum))
        {
            throw new BackupDamagedException("The header's SHA-256 is not the one that follows it.");
        }
        return new(Parse(line), bytes[(end + 1 + ChecksumLine)..]);
    }

    private static BackupHeader Parse(ReadOnlySpan<byte> line)
    {
        BackupHeader? header;
        try
        {
            header = JsonSerializer.Deserialize(line, BackupJson.Default.BackupHeader);
        }
        catch (JsonException malformed)
        {
            throw new BackupDamagedException($"The header is malformed: {malformed.Message}");
        }
        if (header is not { Format: BackupHeader.CurrentFormat })
        {
            throw new BackupDamagedException(
                $"The format is {header?.Format}; this build knows {BackupHeader.CurrentFormat}.");
        }
        if (header.Groups is not { Count: > 0 and <= MaxGroups }
            || header.Groups.Any(group => !RecoveryServiceOptions.IsGroupName(group?.Group)))
        {
            throw new BackupDamagedException("The header does not name 1 to 64 groups.");
        }
        return header;
    }

    private readonly ref struct HeaderAndRest(BackupHeader header, ReadOnlySpan<byte> rest)
    {
        private readonly BackupHeader _header = header;
        private readonly ReadOnlySpan<byte> _rest = rest;

        public void Deconstruct(out BackupHeader header, out ReadOnlySpan<byte> rest)
        {
            header = _header;
            rest = _rest;
        }
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BackupHeader))]
internal sealed partial class BackupJson : JsonSerializerContext;

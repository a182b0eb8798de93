using System.Globalization;
using System.Text.RegularExpressions;
using Muster.Contracts.Recovery;

namespace Muster.Recovery.Backups;

/// <summary>
/// The folder of backup files. A file appears whole or not at all: it is written under another name, synced,
/// renamed, and the folder synced; a name that is not exactly one of ours never becomes a path.
/// </summary>
public sealed partial class BackupFolder(string path)
{
    public const int MaxListed = 1_000;

    /// <summary>What a crash left of a file that was being written; nobody writes for so long.</summary>
    private static readonly TimeSpan TemporaryLife = TimeSpan.FromHours(1);

    private readonly string _path = Path.GetFullPath(path);

    /// <summary>Sorts by time.</summary>
    public static string NameOf(DateTimeOffset at, string cluster) => string.Create(
        CultureInfo.InvariantCulture,
        $"muster-{at.UtcDateTime:yyyyMMdd'T'HHmmssfff}Z-{cluster}.backup");

    public static bool IsName(string name) => NamePattern().IsMatch(name);

    /// <summary>Writes a file and reads it back.</summary>
    /// <exception cref="IOException">It is not there: a full disk, or a file of that name.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    /// <exception cref="BackupDamagedException">What was read back is not what was written.</exception>
    public void Write(string name, byte[] bytes, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Directory.CreateDirectory(_path);
        RemoveLeftOvers(now);
        var temporary = Path.Combine(_path, $".{name}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, Path.Combine(_path, name), overwrite: false);
        }
        finally
        {
            File.Delete(temporary);
        }
        FolderSync.Sync(_path);
        var written = File.ReadAllBytes(Path.Combine(_path, name));
        BackupFile.Read(written);
        if (!written.AsSpan().SequenceEqual(bytes))
        {
            throw new BackupDamagedException($"{name} was read back with other bytes than were written.");
        }
    }

    /// <summary>Null: there is no such backup.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="BackupDamagedException">It is bigger than any backup.</exception>
    public byte[]? Read(string name)
    {
        if (!IsName(name))
        {
            return null;
        }
        var file = new FileInfo(Path.Combine(_path, name));
        if (!file.Exists)
        {
            return null;
        }
        return file.Length <= BackupFile.MaxBytes
            ? File.ReadAllBytes(file.FullName)
            : throw new BackupDamagedException(
                $"{name} has {file.Length} bytes, at most {BackupFile.MaxBytes}.");
    }

    /// <summary>The newest first, at most <see cref="MaxListed"/>, without those that cannot be
    /// read.</summary>
    public IReadOnlyList<Backup> List() =>
        [.. Newest().Select(file => new Backup { Name = file.Name, Groups = file.Header.Groups })];

    /// <summary>What a command has written, while it is listed; null: nothing.</summary>
    public (string Name, BackupHeader Header)? Find(string commandId)
    {
        foreach (var file in Newest().Where(file => file.Header.CommandId == commandId))
        {
            return file;
        }
        return null;
    }

    private IEnumerable<(string Name, BackupHeader Header)> Newest()
    {
        if (!Directory.Exists(_path))
        {
            return [];
        }
        return Directory.EnumerateFiles(_path, "muster-*.backup")
            .Select(file => Path.GetFileName(file))
            .Where(IsName)
            .OrderDescending(StringComparer.Ordinal)
            .Select(name => (Name: name, Header: TryReadHeader(name)))
            .Where(file => file.Header is not null)
            .Take(MaxListed)
            .Select(file => (file.Name, file.Header!));
    }

    private BackupHeader? TryReadHeader(string name)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(_path, name));
            var head = new byte[Math.Min(file.Length, BackupFile.MaxHeaderBytes + 128)];
            file.ReadExactly(head);
            return BackupFile.ReadHeaderOnly(head);
        }
        catch (Exception unreadable) when (
            unreadable is IOException or UnauthorizedAccessException or BackupDamagedException)
        {
            return null;
        }
    }

    private void RemoveLeftOvers(DateTimeOffset now)
    {
        foreach (var file in Directory.EnumerateFiles(_path, ".muster-*.tmp"))
        {
            if (now.UtcDateTime - File.GetLastWriteTimeUtc(file) > TemporaryLife)
            {
                File.Delete(file);
            }
        }
    }

    [GeneratedRegex(@"\Amuster-\d{8}T\d{9}Z-[A-Za-z0-9_-]{1,64}\.backup\z", RegexOptions.ECMAScript)]
    private static partial Regex NamePattern();
}

using System.Text;

namespace Muster.Host.Demo;

/// <summary>
/// The demo's real input: the files of a folder, each an item whose result is its number of words.
/// </summary>
public sealed class WorkFolder
{
    private const long MaxFileBytes = 1024 * 1024;
    private const int MaxItems = 200;

    /// <summary>A lock's name has room for that and what comes before it.</summary>
    private const int MaxPathBytes = 200;

    private static readonly string[] SkippedFolders =
        ["bin", "obj", "TestResults", "node_modules", "muster-data"];

    private WorkFolder(string path, IReadOnlyList<string> items)
    {
        Path = path;
        Items = items;
    }

    public string Path { get; }

    /// <summary>Paths below the folder, ordinally sorted.</summary>
    public IReadOnlyList<string> Items { get; }

    /// <summary>
    /// Opens the given folder, or the repository around the working directory, or the working directory.
    /// </summary>
    /// <exception cref="DemoException">
    /// The folder is missing or has no files, of those whose path makes a name.
    /// </exception>
    public static WorkFolder Open(string? path)
    {
        var root = System.IO.Path.GetFullPath(path ?? FindRepository(Directory.GetCurrentDirectory()));
        if (!Directory.Exists(root))
        {
            throw new DemoException($"The folder {root} does not exist.");
        }
        var items = Walk(new DirectoryInfo(root))
            .Select(file => System.IO.Path.GetRelativePath(root, file.FullName))
            .Where(IsName)
            .Order(StringComparer.Ordinal)
            .Take(MaxItems)
            .ToList();
        return items.Count > 0
            ? new WorkFolder(root, items)
            : throw new DemoException(
                $"The folder {root} has no files of up to {MaxFileBytes} bytes to count.");
    }

    /// <summary>The item's result: the number of runs of letters, digits and underscores.</summary>
    public long CountWords(string item)
    {
        using var reader = new StreamReader(System.IO.Path.Combine(Path, item));
        long words = 0;
        var inWord = false;
        var buffer = new char[4096];
        for (var read = reader.Read(buffer); read > 0; read = reader.Read(buffer))
        {
            foreach (var character in buffer.AsSpan(0, read))
            {
                var isWord = char.IsLetterOrDigit(character) || character == '_';
                words += isWord && !inWord ? 1 : 0;
                inWord = isWord;
            }
        }
        return words;
    }

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles().Where(IsCounted))
        {
            yield return file;
        }
        foreach (var child in folder.EnumerateDirectories().Where(IsEntered))
        {
            foreach (var file in Walk(child))
            {
                yield return file;
            }
        }
    }

    private static bool IsCounted(FileInfo file) =>
        file.Length <= MaxFileBytes && file.LinkTarget is null && !file.Name.StartsWith('.');

    /// <summary>It can be in the name of a lock, and a line of an assignment.</summary>
    private static bool IsName(string path) =>
        Encoding.UTF8.GetByteCount(path) <= MaxPathBytes && !path.Any(char.IsControl);

    private static bool IsEntered(DirectoryInfo folder) =>
        folder.LinkTarget is null && !folder.Name.StartsWith('.') && !SkippedFolders.Contains(folder.Name);

    private static string FindRepository(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Bus.sln")))
            {
                return folder.FullName;
            }
        }
        return start;
    }
}

/// <summary>The demo cannot run as asked; the message is for people.</summary>
public sealed class DemoException(string message) : Exception(message);

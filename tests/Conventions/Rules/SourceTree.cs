using Muster.Broker;

namespace Muster.Conventions.Tests;

/// <summary>A file of the repository: its path from the root, with slashes, and its text.</summary>
internal sealed record SourceFile(string Path, string Text);

/// <summary>The files of this repository, without what builds and runs leave in it.</summary>
internal static class SourceTree
{
    private static readonly string[] LeftOut =
        ["bin", "obj", ".git", ".vs", ".idea", ".vscode", "TestResults", "muster-data", "node_modules"];

    private static readonly Lazy<IReadOnlyList<string>> AllPaths = new(
        () => [.. Walk(RepositoryRoot.Path).Order(StringComparer.Ordinal)]);

    private static readonly Lazy<IReadOnlyList<SourceFile>> AllSources = new(() => [.. Files(".cs")]);

    public static IReadOnlyList<string> Paths => AllPaths.Value;

    /// <summary>Every C# file.</summary>
    public static IReadOnlyList<SourceFile> Sources => AllSources.Value;

    public static IEnumerable<SourceFile> Files(string ending) =>
        Paths.Where(path => path.EndsWith(ending, StringComparison.Ordinal))
            .Select(path => new SourceFile(path, File.ReadAllText(RepositoryRoot.Combine(path))));

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            yield return Path.GetRelativePath(RepositoryRoot.Path, file).Replace('\\', '/');
        }
        foreach (var inner in Directory.EnumerateDirectories(folder)
            .Where(inner => !LeftOut.Contains(Path.GetFileName(inner))))
        {
            foreach (var file in Walk(inner))
            {
                yield return file;
            }
        }
    }
}

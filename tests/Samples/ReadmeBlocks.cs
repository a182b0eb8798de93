namespace Muster.Samples.Tests;

/// <summary>Reads the C# blocks of a page, and the regions of a source file that they must equal.</summary>
internal static class ReadmeBlocks
{
    private const string Region = "#region readme ";

    public static IEnumerable<string> BlocksOf(string page) =>
        Between(page, line => line == "```csharp", "```").Select(block => string.Join('\n', block.Lines));

    public static IEnumerable<(string Name, string Text)> RegionsOf(string source) =>
        Between(source, line => line.TrimStart().StartsWith(Region, StringComparison.Ordinal), "#endregion")
            .Select(region => (region.Head.TrimStart()[Region.Length..], Outdented(region.Lines)));

    private static IEnumerable<(string Head, List<string> Lines)> Between(
        string text, Predicate<string> isStart, string end)
    {
        (string Head, List<string> Lines)? open = null;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (open is null)
            {
                open = isStart(line) ? (line, []) : null;
            }
            else if (line.TrimStart() == end)
            {
                yield return open.Value;
                open = null;
            }
            else
            {
                open.Value.Lines.Add(line);
            }
        }
        if (open is not null)
        {
            throw new InvalidDataException($"'{open.Value.Head}' has no '{end}'.");
        }
    }

    private static string Outdented(List<string> lines)
    {
        var indentation = lines.Where(line => line.Length > 0)
            .Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indentation..] : line));
    }
}

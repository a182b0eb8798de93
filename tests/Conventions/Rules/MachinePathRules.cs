using System.Text.RegularExpressions;

namespace Muster.Conventions.Tests;

/// <summary>
/// No file names a folder of somebody's machine, or the host of a package registry: those belong to settings.
/// </summary>
internal static partial class MachinePathRules
{
    public static IEnumerable<string> Violations(SourceFile file) =>
        file.Text.Split('\n')
            .Select((line, index) => (Line: line, Number: index + 1))
            .Where(numbered => OfOneMachine().IsMatch(numbered.Line))
            .Select(numbered =>
                $"{file.Path}({numbered.Number}): {OfOneMachine().Match(numbered.Line).Value}");

    /// <summary>Text files by their first bytes.</summary>
    public static bool IsText(byte[] start) =>
        !start.AsSpan(0, Math.Min(start.Length, 8_000)).Contains((byte)0);

    [GeneratedRegex(
        @"(?<![\w.])/(work|root|home/\w+|Users/\w+)/"
        + @"|\b(nuget\.org|npmjs\.(org|com)|pypi\.org|(deb|security)\.debian\.org"
        + @"|archive\.ubuntu\.com|docker\.io|quay\.io|ghcr\.io)\b")]
    private static partial Regex OfOneMachine();
}

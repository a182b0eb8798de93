using System.Text.RegularExpressions;

namespace Muster.Conventions.Tests;

/// <summary>
/// The solution holds every project of the tree and no other: what it lacks is neither built nor tested.
/// </summary>
internal static partial class SolutionRules
{
    public static IEnumerable<string> Violations(string solution, IReadOnlyList<string> projects)
    {
        var held = Projects().Matches(solution)
            .Select(match => match.Groups[1].Value.Replace('\\', '/'))
            .ToList();
        return projects.Except(held)
            .Select(project => $"{project}: not in Bus.sln (dotnet sln Bus.sln add {project})")
            .Concat(held.Except(projects).Select(project => $"{project}: in Bus.sln, not in the tree"));
    }

    [GeneratedRegex(@"^Project\([^)]*\) = ""[^""]*"", ""([^""]*\.csproj)""", RegexOptions.Multiline)]
    private static partial Regex Projects();
}

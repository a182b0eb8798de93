using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Muster.Conventions.Tests;

/// <summary>
/// Outside the cores time comes from an injected TimeProvider, so that tests own it; nothing sleeps.
/// </summary>
internal static class TimeRules
{
    public static IEnumerable<string> Violations(SourceFile file)
    {
        var root = CodeReading.Parse(file);
        foreach (var access in root.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
        {
            var owner = (access.Expression as SimpleNameSyntax)?.Identifier.Text;
            switch (owner, access.Name.Identifier.Text)
            {
                case ("DateTime" or "DateTimeOffset", "Now" or "UtcNow" or "Today"):
                case ("Thread", "Sleep"):
                case ("Environment", "TickCount" or "TickCount64"):
                    yield return file.Finding(access, $"'{access}' instead of a TimeProvider");
                    break;
                case ("Task", "Delay")
                    when access.Parent is InvocationExpressionSyntax call && !HasTimeProvider(call):
                    yield return file.Finding(access, $"'{call}' without a TimeProvider");
                    break;
            }
        }
    }

    /// <summary>By its name, the second argument is a clock and not a cancellation token.</summary>
    private static bool HasTimeProvider(InvocationExpressionSyntax call) =>
        call.ArgumentList.Arguments is { Count: >= 2 } arguments
        && (arguments[1].ToString().Contains("time", StringComparison.OrdinalIgnoreCase)
            || arguments[1].ToString().Contains("clock", StringComparison.OrdinalIgnoreCase));
}

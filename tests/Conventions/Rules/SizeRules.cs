using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Muster.Conventions.Tests;

/// <summary>The hard limits of "numbers to hold". They may be lowered, never raised.</summary>
internal static class SizeRules
{
    public const int FileLines = 400;
    public const int FunctionLines = 70;
    public const int Columns = 110;

    public static IEnumerable<string> Violations(SourceFile file)
    {
        var lines = file.Text.TrimEnd('\n').Split('\n');
        if (lines.Length > FileLines)
        {
            yield return $"{file.Path}: {lines.Length} lines, at most {FileLines}";
        }
        for (var number = 0; number < lines.Length; number++)
        {
            if (lines[number].TrimEnd('\r').Length is var length && length > Columns)
            {
                yield return $"{file.Path}({number + 1}): {length} columns, at most {Columns}";
            }
        }
        foreach (var function in CodeReading.Parse(file).DescendantNodes().Where(
            node => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax
                or LocalFunctionStatementSyntax))
        {
            var span = function.GetLocation().GetLineSpan();
            var length = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (length > FunctionLines)
            {
                yield return file.Finding(function, $"a function of {length} lines, at most {FunctionLines}");
            }
        }
    }
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Muster.Conventions.Tests;

/// <summary>Reads C# as syntax, so that comments and strings are never taken for code.</summary>
internal static class CodeReading
{
    public static SyntaxNode Parse(SourceFile file) => CSharpSyntaxTree.ParseText(file.Text).GetRoot();

    public static string Finding(this SourceFile file, SyntaxNodeOrToken where, string what) =>
        file.Finding(where.GetLocation()!, what);

    public static string Finding(this SourceFile file, Location where, string what) =>
        $"{file.Path}({where.GetLineSpan().StartLinePosition.Line + 1}): {what}";
}

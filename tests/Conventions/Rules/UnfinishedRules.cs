using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Muster.Conventions.Tests;

/// <summary>
/// Nothing half done is kept: no marks for later, no swallowed exceptions, no warnings switched off, no
/// skipped tests.
/// </summary>
internal static partial class UnfinishedRules
{
    public static IEnumerable<string> Violations(SourceFile file)
    {
        var root = CodeReading.Parse(file);
        foreach (var trivia in root.DescendantTrivia(descendIntoTrivia: true))
        {
            if (trivia.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia))
            {
                yield return file.Finding(trivia.GetLocation(), "switches a warning off");
            }
            else if (IsComment(trivia) && ForLater().IsMatch(trivia.ToString()))
            {
                yield return file.Finding(trivia.GetLocation(), "a mark for later");
            }
        }
        foreach (var node in root.DescendantNodes())
        {
            switch (node)
            {
                case IdentifierNameSyntax { Identifier.Text: "NotImplementedException" }:
                    yield return file.Finding(node, "not implemented");
                    break;
                case CatchClauseSyntax { Block.Statements.Count: 0 } caught
                    when !caught.Block.ToString().Contains("//"):
                    yield return file.Finding(node, "swallows an exception without saying why");
                    break;
                case AttributeArgumentSyntax { NameEquals.Name.Identifier.Text: "Skip" }:
                    yield return file.Finding(node, "a skipped test");
                    break;
            }
        }
    }

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)
        || trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia);

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex ForLater();
}

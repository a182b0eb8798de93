using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Muster.Conventions.Tests;

/// <summary>A shared thing has a name that says what it does.</summary>
internal static partial class NameRules
{
    public static IEnumerable<string> PathViolations(string path) =>
        path.Split('/').Where(part => SaysNothing().IsMatch(part))
            .Select(part => $"{path}: '{part}' says nothing");

    public static IEnumerable<string> Violations(SourceFile file) =>
        CodeReading.Parse(file).DescendantNodes()
            .Select(node => (Node: node, Name: node switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.Text,
                BaseNamespaceDeclarationSyntax space => space.Name.ToString(),
                _ => "",
            }))
            .Where(named => SaysNothing().IsMatch(named.Name))
            .Select(named => file.Finding(named.Node, $"'{named.Name}' says nothing"));

    [GeneratedRegex(@"(^|[a-z._])(Common|Helpers?|Utils?|Utilit(y|ies))($|[A-Z._])")]
    private static partial Regex SaysNothing();
}

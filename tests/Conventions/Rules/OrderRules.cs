using System.Collections.Frozen;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Muster.Conventions.Tests;

/// <summary>
/// Cores iterate ordered collections only: the order of a hash table depends on its history, which a snapshot
/// does not carry. Judged by the names that a file declares as hash tables; a chain that sorts is allowed.
/// </summary>
internal static class OrderRules
{
    private static readonly string[] HashTables =
    [
        "Dictionary<", "IDictionary<", "IReadOnlyDictionary<", "ConcurrentDictionary<", "FrozenDictionary<",
        "HashSet<", "ISet<", "IReadOnlySet<", "FrozenSet<", "ImmutableDictionary<", "ImmutableHashSet<",
    ];

    private static readonly FrozenSet<string> OrderMatters = new[]
    {
        "Select", "SelectMany", "Where", "First", "FirstOrDefault", "Last", "LastOrDefault", "ElementAt",
        "Take", "Skip", "ToList", "ToArray", "Aggregate", "MinBy", "MaxBy", "Zip", "Concat",
    }.ToFrozenSet();

    public static IEnumerable<string> Violations(SourceFile file)
    {
        var root = CodeReading.Parse(file);
        var tables = HashTablesOf(root).ToHashSet();
        foreach (var loop in root.DescendantNodes().OfType<CommonForEachStatementSyntax>())
        {
            if (IsTable(loop.Expression, tables))
            {
                yield return file.Finding(loop, $"iterates the hash table {loop.Expression}");
            }
        }
        foreach (var spread in root.DescendantNodes().OfType<SpreadElementSyntax>())
        {
            if (IsTable(spread.Expression, tables))
            {
                yield return file.Finding(spread, $"spreads the hash table {spread.Expression}");
            }
        }
        foreach (var call in root.DescendantNodes().OfType<InvocationExpressionSyntax>())
        {
            if (call.Expression is MemberAccessExpressionSyntax access
                && OrderMatters.Contains(access.Name.Identifier.Text)
                && IsTable(access.Expression, tables)
                && !IsSorted(call))
            {
                yield return file.Finding(call, $"reads the hash table {access.Expression} in its own order");
            }
        }
    }

    private static IEnumerable<string> HashTablesOf(SyntaxNode root)
    {
        foreach (var node in root.DescendantNodes())
        {
            switch (node)
            {
                case VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } variable
                    when IsHashTable(declaration.Type)
                    || variable.Initializer?.Value is ObjectCreationExpressionSyntax made
                        && IsHashTable(made.Type):
                    yield return variable.Identifier.Text;
                    break;
                case PropertyDeclarationSyntax property when IsHashTable(property.Type):
                    yield return property.Identifier.Text;
                    break;
                case ParameterSyntax { Type: { } type } parameter when IsHashTable(type):
                    yield return parameter.Identifier.Text;
                    break;
            }
        }
    }

    private static bool IsHashTable(TypeSyntax type) =>
        Array.Exists(HashTables, name => type.ToString().StartsWith(name, StringComparison.Ordinal));

    /// <summary>The name itself, or its Keys or Values.</summary>
    private static bool IsTable(ExpressionSyntax expression, HashSet<string> tables) => expression switch
    {
        IdentifierNameSyntax name => tables.Contains(name.Identifier.Text),
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Keys" or "Values" } part =>
            IsTable(part.Expression, tables),
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } own =>
            tables.Contains(own.Name.Identifier.Text),
        _ => false,
    };

    private static bool IsSorted(InvocationExpressionSyntax call)
    {
        for (SyntaxNode? node = call.Parent;
            node is MemberAccessExpressionSyntax or InvocationExpressionSyntax;
            node = node.Parent)
        {
            if (node is MemberAccessExpressionSyntax access
                && access.Name.Identifier.Text.StartsWith("Order", StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }
}

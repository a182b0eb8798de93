using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Muster.Conventions.Tests;

/// <summary>
/// A log message's id is one message's in all of Muster: one process logs what many projects say.
/// </summary>
internal static class LogIdRules
{
    public static IEnumerable<string> Violations(IEnumerable<SourceFile> files)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var message in CodeReading.Parse(file).DescendantNodes().OfType<AttributeSyntax>()
                .Where(attribute => attribute.Name.ToString() == "LoggerMessage"))
            {
                if (IdOf(message) is not { } id)
                {
                    yield return file.Finding(message, "a log message without an id");
                }
                else if (!taken.TryAdd(id, file.Path))
                {
                    yield return file.Finding(message, $"the log id {id} is that of {taken[id]} too");
                }
            }
        }
    }

    private static string? IdOf(AttributeSyntax message) => message.ArgumentList?.Arguments
        .Where(argument => argument.NameEquals is null or { Name.Identifier.Text: "EventId" })
        .Select(argument => argument.Expression).OfType<LiteralExpressionSyntax>()
        .FirstOrDefault(literal => literal.Token.Value is int)?.Token.Text;
}

using System.Collections.Frozen;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Muster.Conventions.Tests;

/// <summary>
/// The pure cores: value in, value out (design rule 1). What they may not name is what would make two
/// replicas, or two runs of one simulation, differ.
/// </summary>
internal static class CoreRules
{
    /// <summary>
    /// State machines that replicas run over a log: in addition no floating point, no hash codes.
    /// </summary>
    public static readonly string[] Machines =
    [
        "services/Lock/Machine", "services/Registry/Machine", "services/Detector/Machine",
        "services/Recovery/Machine", "services/Decisions/Machine",
    ];

    public static readonly string[] Folders =
        ["services/Consensus/Core", "services/Replication/Core", "services/Detector/Core", .. Machines];

    private static readonly FrozenSet<string> Banned = new[]
    {
        "DateTime", "DateTimeOffset", "Stopwatch", "TimeProvider", "Timer", "PeriodicTimer",
        "Task", "ValueTask", "Thread", "ThreadPool", "Parallel", "Interlocked", "Monitor", "SemaphoreSlim",
        "Channel", "CancellationToken", "CancellationTokenSource", "TaskCompletionSource",
        "Random", "RandomNumberGenerator", "NewGuid", "CreateVersion7",
        "File", "Directory", "FileStream", "Environment", "Console", "Process", "ILogger",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> BannedInMachines =
        new[] { "HashCode", "GetHashCode", "Half", "CurrentCulture" }.ToFrozenSet();

    public static IEnumerable<string> Violations(SourceFile file, bool isMachine)
    {
        foreach (var token in CodeReading.Parse(file).DescendantTokens())
        {
            if (Reason(token, isMachine) is { } reason)
            {
                yield return file.Finding(token, reason);
            }
        }
    }

    private static string? Reason(SyntaxToken token, bool isMachine) => token.Kind() switch
    {
        SyntaxKind.AwaitKeyword or SyntaxKind.AsyncKeyword or SyntaxKind.LockKeyword =>
            $"'{token.Text}' in a core",
        // Outside an async function the parser takes it for a name.
        SyntaxKind.IdentifierToken when token.Text == "await" => "'await' in a core",
        SyntaxKind.FloatKeyword or SyntaxKind.DoubleKeyword when isMachine =>
            $"floating point ('{token.Text}') in a machine",
        SyntaxKind.NumericLiteralToken when isMachine && token.Value is float or double =>
            $"floating point ('{token.Text}') in a machine",
        SyntaxKind.IdentifierToken when IsUse(token) && Banned.Contains(token.Text) =>
            $"'{token.Text}' in a core",
        SyntaxKind.IdentifierToken when isMachine && IsUse(token) && BannedInMachines.Contains(token.Text) =>
            $"'{token.Text}' in a machine",
        _ => null,
    };

    /// <summary>A name that is used, not the name of a property or type declared here.</summary>
    private static bool IsUse(SyntaxToken token) => token.Parent is SimpleNameSyntax;
}

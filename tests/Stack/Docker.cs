using System.Diagnostics;

namespace Muster.Stack.Tests;

/// <summary>Runs docker and its kin.</summary>
internal static class Docker
{
    public static readonly TimeSpan QuickLimit = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>Standard output of <c>docker ARGUMENTS</c>, which must succeed.</summary>
    public static Task<string> AskAsync(params IReadOnlyList<string> arguments) =>
        SucceedAsync(["docker", .. arguments], Nothing, QuickLimit);

    /// <exception cref="InvalidOperationException">It failed; with what it said.</exception>
    public static async Task<string> SucceedAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        var (code, output) = await RunAsync(command, environment, limit);
        return code == 0
            ? output
            : throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {code}:\n{output}");
    }

    public static Task<(int Code, string Output)> RunAsync(IReadOnlyList<string> command) =>
        RunAsync(command, Nothing, QuickLimit);

    private static async Task<(int Code, string Output)> RunAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"{await output}\n{await errors}\nended after {limit}");
        }
        var said = await output;
        return (process.ExitCode, process.ExitCode == 0 ? said : $"{said}\n{await errors}");
    }
}

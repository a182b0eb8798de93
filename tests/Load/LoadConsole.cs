using System.CommandLine;
using Muster.Broker;
using Muster.Load.Reporting;
using Muster.Load.Workloads;
using Spectre.Console;

namespace Muster.Load;

/// <summary>One run for the one who started it: progress, then the table, or why there is none.</summary>
internal static class LoadConsole
{
    private const int Succeeded = 0;
    private const int Failed = 1;

    public static async Task<int> RunAsync(
        LoadSettings settings, ParseResult arguments, IReadOnlyList<IWorkload> workloads,
        CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        try
        {
            if (settings.Json is not null)
            {
                ReportFile.EnsureWritable(settings.Json);
            }
            var report = await ShowingProgressAsync(console, progress =>
                new LoadRun(settings, arguments, workloads, progress).RunAsync(cancellationToken));
            ReportTable.Print(report, console);
            if (settings.Json is not null)
            {
                ReportFile.Write(report, settings.Json);
                console.WriteLine($"Written to {settings.Json.FullName}");
            }
            if (report.BrokenOff is { } why)
            {
                console.WriteLine($"Broken off: {why}");
                return Failed;
            }
            RemoveScratch();
            return Succeeded;
        }
        catch (LoadException refused)
        {
            console.WriteLine(refused.Message);
            return Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.WriteLine("Stopped; nothing is reported.");
            RemoveScratch();
            return Failed;
        }
    }

    private static Task<Report> ShowingProgressAsync(
        IAnsiConsole console, Func<IProgressLine, Task<Report>> run) =>
        console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected
            ? console.Status().StartAsync("starting", status => run(new LiveLine(console, status)))
            : run(new PlainLine(console));

    /// <summary>Data and logs are kept when something went wrong, or when tests/run keeps house.</summary>
    private static void RemoveScratch()
    {
        if (Path.GetFileName(Scratch.Root).EndsWith($"-{Environment.ProcessId}", StringComparison.Ordinal)
            && Directory.Exists(Scratch.Root))
        {
            Directory.Delete(Scratch.Root, recursive: true);
        }
    }
}

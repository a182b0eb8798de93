using System.Text.Json;

namespace Muster.Host.Demo;

/// <summary>A worker as a process: reports on standard output, one JSON object a line.</summary>
public static class WorkerCommand
{
    public static async Task<int> RunAsync(WorkerArguments arguments, CancellationToken cancellationToken)
    {
        var folder = WorkFolder.Open(arguments.Folder);
        using var ledger = new Ledger(arguments.Ledger);
        await using var muster = DemoClients.Create(
            arguments.Name, DemoClients.LinksTo(arguments.Bus, arguments.Cluster, arguments.Name));
        var worker = new Worker(
            arguments.Name, folder, ledger, muster.Locks, new WorkerPace { DawdleOn = arguments.DawdleOn },
            ReportAsync, TimeProvider.System);
        await worker.RunAsync(arguments.StartAt, cancellationToken);
        return 0;
    }

    private static async Task ReportAsync(WorkerReport report)
    {
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report));
        await Console.Out.FlushAsync();
    }
}

using System.Text.Json;
using Muster.Host.Demo.Stages;

namespace Muster.Host.Demo.Team;

/// <summary>A worker as a process: reports on standard output, one JSON object a line.</summary>
public static class WorkerCommand
{
    public static async Task<int> RunAsync(WorkerArguments arguments, CancellationToken cancellationToken)
    {
        var folder = WorkFolder.Open(arguments.Folder);
        using var ledger = new Ledger(arguments.Ledger);
        await using var muster = DemoClients.Create(
            arguments, DemoClients.LinksTo(arguments.Bus!, arguments.Cluster, arguments.Name));
        var member = new TeamMember(arguments, folder, ledger, muster, ReportAsync, TimeProvider.System);
        await member.RunAsync(cancellationToken);
        return 0;
    }

    private static readonly SemaphoreSlim OneLine = new(1);

    private static async Task ReportAsync(WorkerReport report)
    {
        await OneLine.WaitAsync();
        try
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report));
            await Console.Out.FlushAsync();
        }
        finally
        {
            OneLine.Release();
        }
    }
}

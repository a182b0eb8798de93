using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Hosting;
using Spectre.Console;

namespace Muster.Host.Embedded;

/// <summary>Runs the embedded host until Ctrl-C or SIGTERM.</summary>
public static class RunCommand
{
    private const string NoBroker = "no broker, so no client; --Bus:Uri=amqp://user:password@host/ takes one";

    public static async Task<int> RunAsync(
        string dataFolder, string[] arguments, CancellationToken cancellationToken)
    {
        if (EmbeddedSettings.FindForeign(arguments) is { } foreign)
        {
            return Refuse($"'{foreign}' is no command and no setting; a setting is --SECTION:NAME=VALUE, "
                + $"of {string.Join(", ", EmbeddedSettings.Sections)}.");
        }
        var folder = Path.GetFullPath(dataFolder);
        try
        {
            using var host = EmbeddedHost.Build(folder, arguments, LogLevel.Warning);
            await host.StartAsync(cancellationToken);
            Print(folder, host.Services);
            await host.WaitForShutdownAsync(cancellationToken);
            var exit = host.Services.GetRequiredService<ProcessExit>();
            if (exit.Refusal.Length > 0)
            {
                return Refuse(exit.Refusal);
            }
            AnsiConsole.MarkupLine("Muster stopped; the data stays.");
            return exit.Code;
        }
        catch (Exception refused) when (refused is StartRefusedException
            or OptionsValidationException)
        {
            return Refuse(refused.Message);
        }
    }

    private static int Refuse(string why)
    {
        AnsiConsole.MarkupLineInterpolated($"[red]Muster does not start:[/] {why}");
        return ProcessExit.Refused;
    }

    private static void Print(string folder, IServiceProvider services)
    {
        var web = services.GetRequiredService<MusterWeb>().Address!;
        var bus = services.GetRequiredService<IOptions<MusterBusOptions>>().Value;
        var nodes = string.Join(", ", EmbeddedHost.Nodes);
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]Muster {ServiceStart.Version}[/], every service in this process");
        AnsiConsole.MarkupLineInterpolated(
            $"  runs    consensus {nodes}; lock, registry, recovery twice each; 3 detectors");
        AnsiConsole.MarkupLineInterpolated(
            $"  bus     {(bus.Uri is null ? NoBroker : $"{bus.SafeUri}, cluster {bus.Cluster}")}");
        AnsiConsole.MarkupLineInterpolated($"  data    {folder}");
        AnsiConsole.MarkupLineInterpolated($"  health  {web}health   status  {web}status");
        AnsiConsole.MarkupLineInterpolated(
            $"  demo    dotnet run -c Release --project services/Host -- demo");
        AnsiConsole.MarkupLineInterpolated(
            $"  stop    Ctrl-C, or SIGTERM to process {Environment.ProcessId}");
    }
}

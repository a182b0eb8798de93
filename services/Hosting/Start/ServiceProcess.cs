using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Muster.Hosting;

/// <summary>A service's process, from its command line to its exit code.</summary>
public static class ServiceProcess
{
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    /// <summary>
    /// Runs the service until it is told to stop, or cannot go on; or the probe that was asked for.
    /// </summary>
    /// <param name="arguments">The command line: settings, or <see cref="HealthProbe"/>'s.</param>
    /// <param name="what">What does not start, for a refusal: consensus node.</param>
    /// <param name="add">Adds the service.</param>
    /// <returns>The exit code: <see cref="ProcessExit"/>'s, or the probe's.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, string what, Action<IServiceCollection> add)
    {
        if (await HealthProbe.TryRunAsync(arguments) is { } probed)
        {
            return probed;
        }
        try
        {
            var exit = await RunAsync(arguments, add);
            return exit.Refusal.Length == 0 ? exit.Code : await RefuseAsync(what, exit.Refusal);
        }
        catch (OperationCanceledException)
        {
            // Told to stop before it had started.
            return 0;
        }
        catch (Exception refused) when (refused is StartRefusedException or OptionsValidationException)
        {
            return await RefuseAsync(what, refused.Message);
        }
    }

    private static async Task<int> RefuseAsync(string what, string why)
    {
        await Console.Error.WriteLineAsync($"The {what} does not start: {why}");
        return ProcessExit.Refused;
    }

    private static async Task<ProcessExit> RunAsync(
        string[] arguments, Action<IServiceCollection> add)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = arguments,
            ContentRootPath = AppContext.BaseDirectory,
        });
        // A refusal is one line on standard error, without the host's stack trace before it.
        builder.Logging.AddFilter(HostCategory, LogLevel.Critical);
        add(builder.Services);
        var host = builder.Build();
        var exit = host.Services.GetRequiredService<ProcessExit>();
        await host.RunAsync();
        return exit;
    }
}

using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Muster.Hosting;

public static class AddServiceStartExtensions
{
    /// <summary>
    /// Logs what runs, with which settings, before anything else starts; then that it is up, and at the end
    /// that it stopped.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="service">The service's name: consensus, lock.</param>
    /// <param name="facts">What a reader of the log wants to know first. No secrets: see <see
    /// cref="MusterBusOptions.SafeUri"/>.</param>
    public static IServiceCollection AddServiceStart(
        this IServiceCollection services,
        string service,
        Func<IServiceProvider, IEnumerable<(string Name, string Value)>> facts) =>
        services.AddHostedService(provider => new ServiceStart(
            service, () => facts(provider), provider.GetRequiredService<ILogger<ServiceStart>>()));
}

/// <summary>The first and the last lines of a process's log.</summary>
public sealed partial class ServiceStart(
    string service, Func<IEnumerable<(string Name, string Value)>> facts, ILogger<ServiceStart> logger)
    : IHostedLifecycleService
{
    public static string Version { get; } = typeof(ServiceStart).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
        .InformationalVersion.Split('+')[0] ?? "0.0.0";

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        LogStarting(service, Version, Environment.ProcessId);
        foreach (var (name, value) in facts())
        {
            LogFact(name, value);
        }
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        LogStarted(service);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        LogStopped(service);
        return Task.CompletedTask;
    }

    [LoggerMessage(9001, LogLevel.Information, "Muster {Service} {Version} starts, process {ProcessId}")]
    private partial void LogStarting(string service, string version, int processId);

    [LoggerMessage(9002, LogLevel.Information, "  {Name}: {Value}")]
    private partial void LogFact(string name, string value);

    [LoggerMessage(9003, LogLevel.Information, "Muster {Service} is up")]
    private partial void LogStarted(string service);

    [LoggerMessage(9004, LogLevel.Information, "Muster {Service} stopped")]
    private partial void LogStopped(string service);
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Muster.Hosting;

/// <summary>
/// A small web server of its own inside any host. It reads no ASP.NET settings or environment, so it listens
/// on <see cref="HealthOptions.Url"/> and nowhere else.
/// </summary>
public sealed partial class MusterWeb(
    IOptions<HealthOptions> options,
    IEnumerable<IHealthSource> health,
    IEnumerable<IStatusSource> status,
    IEnumerable<IWebPage> pages,
    ILoggerFactory loggers,
    ILogger<MusterWeb> logger) : IHostedService, IAsyncDisposable
{
    private WebApplication? _application;

    /// <summary>Where it listens, with the port that was chosen. Null before the start.</summary>
    public Uri? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = "muster-web" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(HealthOptions.AddressOf(options.Value.Url)!, options.Value.Url.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _application = builder.Build();
        Map(_application);
        await _application.StartAsync(cancellationToken);
        Address = new Uri(_application.Urls.Single());
        LogListening(Address);
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        _application?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _application?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Map(WebApplication application)
    {
        application.MapGet("/health/live", context => context.Response.WriteAsJsonAsync(new { Live = true }));
        application.MapGet("/health/ready", WriteHealthAsync);
        application.MapGet("/health", WriteHealthAsync);
        application.MapGet("/status", context => context.Response.WriteAsJsonAsync(ReadStatus()));
        foreach (var page in pages)
        {
            page.Map(application);
        }
    }

    private Task WriteHealthAsync(HttpContext context)
    {
        var parts = ReadHealth();
        var isReady = parts.All(part => part.Ready);
        context.Response.StatusCode =
            isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(new { Ready = isReady, Parts = parts });
    }

    private List<HealthPart> ReadHealth() =>
        [.. health.Select(source => new HealthPart(source.Name, source.IsReady, source.Detail))];

    private Dictionary<string, object> ReadStatus()
    {
        var sections = status.ToDictionary(
            source => source.Name, source => source.Read(), StringComparer.Ordinal);
        sections["version"] = ServiceStart.Version;
        sections["memory"] = new
        {
            WorkingSetBytes = Environment.WorkingSet,
            ManagedBytes = GC.GetTotalMemory(forceFullCollection: false),
        };
        sections["health"] = ReadHealth();
        return sections;
    }

    [LoggerMessage(9011, LogLevel.Information, "Health and status at {Address}health and {Address}status")]
    private partial void LogListening(Uri address);

    private sealed record HealthPart(string Name, bool Ready, string Detail);

    /// <summary>
    /// The process's own host listens for SIGTERM and Ctrl-C; the web server must not do so as well.
    /// </summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

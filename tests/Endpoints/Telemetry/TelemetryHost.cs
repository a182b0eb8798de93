using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Hosting;

namespace Muster.Endpoints.Tests.Telemetry;

/// <summary>
/// A process with nothing but its web server, its telemetry and the sources a test gives it.
/// </summary>
public sealed class TelemetryHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly HttpClient _client = new();
    private bool _isStopped;

    private TelemetryHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public Uri Address => Services.GetRequiredService<MusterWeb>().Address!;

    public static IHost Build(
        Dictionary<string, string?> settings, Action<IServiceCollection>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddMusterWeb();
        builder.Services.AddMusterTelemetry("sample");
        configure?.Invoke(builder.Services);
        return builder.Build();
    }

    public static async Task<TelemetryHost> StartAsync(
        Dictionary<string, string?> settings, Action<IServiceCollection>? configure = null)
    {
        var host = Build(settings, configure);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new TelemetryHost(host);
    }

    public Task<HttpResponseMessage> GetAsync(string path) =>
        _client.GetAsync(new Uri(Address, path), TestContext.Current.CancellationToken);

    public Task<string> ReadAsync(string path) =>
        _client.GetStringAsync(new Uri(Address, path), TestContext.Current.CancellationToken);

    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await StopAsync();
    }
}

/// <summary>A part whose readiness the test sets.</summary>
public sealed class SwitchedPart(string name) : IHealthSource
{
    public string Name => name;

    public bool IsReady { get; set; }

    public string Detail => IsReady ? "well" : "not yet";
}

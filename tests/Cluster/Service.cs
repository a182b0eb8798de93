using System.Net.Http.Json;
using System.Text.Json;
using Muster.Broker;

namespace Muster.Cluster;

/// <summary>
/// One service of the cluster: a process that is killed, paused and started again under one name and data
/// folder.
/// </summary>
public sealed class Service(string project, string name, CuttableProxy? wire, Uri broker) : IAsyncDisposable
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new() { Timeout = AnswerPatience };
    private readonly Uri _address = new($"http://127.0.0.1:{FreePorts.Take()}/");
    private ServiceProcess? _process;
    private bool _isPaused;

    public string Name => name;

    /// <summary>The wire to the broker, when the cluster has cuttable ones.</summary>
    public CuttableProxy Wire => wire ?? throw new InvalidOperationException($"{name} has no cuttable wire.");

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>
    /// The folder of another build of it, from its next start on; null (default): the test's own.
    /// </summary>
    public string? OtherBuild { get; set; }

    public bool IsRunning => _process is { HasExited: false };

    public ServiceProcess Process =>
        _process ?? throw new InvalidOperationException($"{name} was never started.");

    /// <summary>Starts the process unless it runs; it is not ready yet.</summary>
    public async Task StartAsync()
    {
        if (IsRunning)
        {
            return;
        }
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        _isPaused = false;
        var build = ServiceProcessOptions.Service(project, name);
        build = OtherBuild is { } folder ? build.BuiltIn(folder) : build;
        _process = ServiceProcess.Start(build with
        {
            Environment = new Dictionary<string, string>(Environment)
            {
                ["Bus__Uri"] = (wire?.Uri ?? broker).ToString(),
                ["Health__Url"] = _address.ToString(),
            },
        });
    }

    /// <summary>Waits until it says itself that it does its work.</summary>
    public Task ReadyAsync(TimeSpan timeout) =>
        Process.WaitForHealthAsync(new Uri(_address, "health"), timeout);

    public async Task<bool> IsReadyAsync() => await HealthAsync() is { IsReady: true };

    /// <summary>What its <c>/health/ready</c> says, or null when it does not answer.</summary>
    public async Task<(bool IsReady, string Text)?> HealthAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(_address, "health/ready"));
            return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>The section of its status with this name's start, or null when it does not answer.</summary>
    public async Task<JsonElement?> StatusAsync(string section)
    {
        if (!IsRunning || _isPaused)
        {
            return null;
        }
        try
        {
            var status = await _http.GetFromJsonAsync<JsonElement>(new Uri(_address, "status"));
            foreach (var property in status.EnumerateObject())
            {
                if (property.Name.StartsWith(section, StringComparison.Ordinal))
                {
                    return property.Value;
                }
            }
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        Process.Kill9();
        await Process.ExitAsync(StopPatience);
    }

    public async Task StopAsync() => await Process.StopAsync(StopPatience);

    public void Pause()
    {
        Process.Pause();
        _isPaused = true;
    }

    public void Resume()
    {
        Process.Resume();
        _isPaused = false;
    }

    /// <summary>Undoes pauses and cuts, whatever a failed test left.</summary>
    public void Mend()
    {
        if (_isPaused)
        {
            Resume();
        }
        wire?.Heal();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        if (wire is not null)
        {
            await wire.DisposeAsync();
        }
        _http.Dispose();
    }
}

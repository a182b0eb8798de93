using System.Net.Http.Json;
using System.Text.Json;
using Muster.Broker;
using Muster.Cluster;

namespace Muster.Load.Stage;

/// <summary>One service as a process, which can be killed and started again with its data.</summary>
internal sealed class LoadService(ServicePlan plan, Uri broker) : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(15);

    private readonly Uri _address = new($"http://127.0.0.1:{FreePorts.Take()}/");
    private ServiceProcess? _process;

    public string Name => plan.Name;

    /// <summary>The process's id; null when it does not run.</summary>
    public int? ProcessId => _process is { HasExited: false } running ? running.Id : null;

    public async Task StartAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        _process = ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = plan.Name,
            FileName = "dotnet",
            Arguments = [ReleaseBuild.AssemblyOf(plan.Project)],
            Environment = new Dictionary<string, string>(plan.Settings)
            {
                ["Bus__Uri"] = broker.OriginalString,
                ["Health__Url"] = _address.ToString(),
            },
        });
    }

    /// <summary>Waits until it says itself that it does its work.</summary>
    public async Task ReadyAsync(TimeSpan patience)
    {
        try
        {
            await Running.WaitForHealthAsync(new Uri(_address, "health"), patience);
        }
        catch (InvalidOperationException notReady)
        {
            throw new LoadException(notReady.Message, notReady);
        }
    }

    /// <summary>A node's own account of itself; null for another service.</summary>
    public async Task<NodeCounts?> CountsAsync(CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        if (!status.TryGetProperty("consensus." + Name, out var node)) return null;
        var memory = MemoryIn(status);
        return new NodeCounts(
            Number(node, "messagesReceived"), Number(node, "bytesReceived"), Number(node, "steps"),
            memory.WorkingSet, memory.Managed);
    }

    /// <summary>What a node won and what held it up; null for another service.</summary>
    public async Task<NodeTroubles?> TroublesAsync(CancellationToken cancellationToken) =>
        (await StatusAsync(cancellationToken)).TryGetProperty("consensus." + Name, out var node)
            ? node.Deserialize<NodeTroubles>(JsonSerializerOptions.Web)
            : null;

    /// <summary>What a node's start took; null for another service.</summary>
    public async Task<NodeStart?> StartTimesAsync(CancellationToken cancellationToken) =>
        (await StatusAsync(cancellationToken)).TryGetProperty("consensus." + Name, out var node)
            ? node.GetProperty("start").Deserialize<NodeStart>(JsonSerializerOptions.Web)
            : null;

    /// <summary>What any service says that it takes.</summary>
    public async Task<MemoryUse> MemoryAsync(CancellationToken cancellationToken) =>
        MemoryIn(await StatusAsync(cancellationToken));

    /// <summary>SIGKILL.</summary>
    public void Kill9() => Running.Kill9();

    /// <summary>Returns when the killed process is gone, so that its folder is free.</summary>
    public Task GoneAsync() => Running.ExitAsync(EndPatience);

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<JsonElement> StatusAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        return await client.GetFromJsonAsync<JsonElement>(new Uri(_address, "status"), cancellationToken);
    }

    private static MemoryUse MemoryIn(JsonElement status)
    {
        var memory = status.GetProperty("memory");
        return new(Number(memory, "workingSetBytes"), Number(memory, "managedBytes"));
    }

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();

    private ServiceProcess Running =>
        _process ?? throw new InvalidOperationException($"{Name} was never started.");
}

/// <summary>What a consensus node says of itself.</summary>
internal sealed record NodeCounts(long Messages, long Bytes, long Steps, long WorkingSet, long Managed);

/// <summary>Milliseconds after its process began, and the entries that it read.</summary>
internal sealed record NodeStart(long Opened, long Read, long Connected, long Ready, long Entries);

/// <summary>
/// A service's memory in bytes: its working set, and its managed objects with their garbage.
/// </summary>
internal sealed record MemoryUse(long WorkingSet, long Managed);
